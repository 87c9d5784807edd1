/* eslint-disable */
// Made by npm run client from the OpenAPI document of a model; do not edit.

export interface paths {
    "/info": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * About the model
         * @description What the model is, what input it expects, how good it is, and the limits of this service. A browser gets a page.
         */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            model: string;
                            version: string;
                            title?: string;
                            description?: string;
                            /**
                             * @description Size of an input: height × width × channels for pictures, number of features for rows.
                             * @example 64x64x3
                             */
                            "input-size": string;
                            /** @description Number of labels; 0 for a model that answers a number or plain tensors, or whose labels are not known. */
                            "num-classes": number;
                            "pretrained-on"?: string;
                            architecture?: string;
                            training?: string;
                            dataset?: {
                                name: string;
                                url?: string;
                                licence?: string;
                                /** @description Number of training examples. */
                                train?: number;
                                /** @description Number of held-out examples for `performance`. */
                                test?: number;
                            };
                            performance?: {
                                split?: string;
                                /** @description Top-1 accuracy, 0 to 1. */
                                top1: number;
                                /** @description Top-5 accuracy, 0 to 1. */
                                top5?: number;
                            };
                            licence?: string;
                            /** @description Known limitations of the model. */
                            limits?: string[];
                            /** @description Name of the field of a prediction that holds the label or the number. */
                            "label-key": string;
                            /** @description All labels. Their order is the `index` of the predictions. */
                            labels: string[];
                            input: {
                                /** @enum {string} */
                                kind: "image";
                                /** @description Name of the model's input tensor. */
                                tensor: string;
                                /**
                                 * @description Data type of the input tensor. uint8: the levels of the pixels, 0 to 255. float32, float16: the levels after `normalisation`; without it the levels themselves.
                                 * @enum {unknown}
                                 */
                                type: "uint8" | "float32" | "float16";
                                /**
                                 * @description Order of the axes: batch (N), height (H), width (W), channels (C).
                                 * @enum {unknown}
                                 */
                                layout: "NHWC" | "NCHW";
                                width: number;
                                height: number;
                                /**
                                 * @description Channels of the input tensor and their order. rgb: red, green, blue. bgr: blue, green, red, as in OpenCV. grey: one channel, the luma of ITU-R 601.
                                 * @enum {unknown}
                                 */
                                colour: "rgb" | "bgr" | "grey";
                                resize: {
                                    /**
                                     * @description cover: resize the shorter side and keep the proportions, then crop the centre. contain: resize the longer side and keep the proportions, then pad. stretch: resize both sides, whatever the proportions.
                                     * @enum {unknown}
                                     */
                                    fit: "cover" | "contain" | "stretch";
                                    /** @description Size before the crop, in pixels. For cover: length of the shorter side, 256 for Resize(256), CenterCrop(224). For stretch: length of both sides. Default: the size of the input, without a crop on that side. */
                                    shorterSide?: number;
                                    /** @description For contain: length of the longer side, in pixels, if it is not the size of the input. What reaches beyond the input is cropped, as with timm's crop mode border. */
                                    longerSide?: number;
                                    /**
                                     * @description Resampling filter, by its name in Pillow and with the same pixels. All but nearest antialias.
                                     * @enum {unknown}
                                     */
                                    filter: "nearest" | "box" | "bilinear" | "hamming" | "bicubic" | "lanczos";
                                    /**
                                     * @description Whose arithmetic decides the last pixel of a resize and of a crop, and pads with black a picture that is smaller than the input. torchvision: also timm and Ultralytics; the longer side is cut off to an integer, and a crop starts at Python's round((side - crop) / 2). transformers: the longer side is cut off too, and a crop starts at (side - crop) // 2. Default: the longer side is rounded, a half to the even number, and a crop starts at (side - crop) // 2.
                                     * @enum {unknown}
                                     */
                                    rounding?: "torchvision" | "transformers";
                                };
                                /** @description Colour behind transparent pixels, and of the padding. */
                                background: string;
                                /**
                                 * @description auto: invert pictures with a light border, for models that learned light objects on a dark background. Default: never.
                                 * @enum {unknown}
                                 */
                                invert?: "never" | "auto";
                                /** @description (level / 255 − mean) / std, for each channel in the order of `colour`. mean 0 and std 1 give 0 to 1; mean 0.5 and std 0.5 give −1 to 1. A mean and a standard deviation of the levels 0 to 255 are divided by 255 first. Absent or null: the levels 0 to 255 themselves. */
                                normalisation?: {
                                    mean: number[];
                                    std: number[];
                                } | null;
                            } | {
                                /** @enum {string} */
                                kind: "table";
                                /** @description Name of the input tensor of all features that name no own tensor, [batch, features]. */
                                tensor?: string;
                                /**
                                 * @description Data type of the features that have no own type. Default: float32.
                                 * @enum {unknown}
                                 */
                                type?: "float32" | "float64" | "float16" | "int64" | "int32" | "int16" | "int8" | "uint8" | "uint16" | "uint32" | "uint64" | "bool" | "string";
                                features: {
                                    name: string;
                                    /** @description Name of the input tensor of this feature, [batch, 1] or [batch]. Features of the same tensor are its columns, in this order. */
                                    tensor?: string;
                                    /** @enum {unknown} */
                                    type?: "float32" | "float64" | "float16" | "int64" | "int32" | "int16" | "int8" | "uint8" | "uint16" | "uint32" | "uint64" | "bool" | "string";
                                    /** @description Unit of the values, such as cm. */
                                    unit?: string;
                                    /** @description Smallest value in the training data. */
                                    min?: number;
                                    /** @description Largest value in the training data. */
                                    max?: number;
                                    /** @description A typical value. */
                                    example?: number | string | boolean;
                                    /** @description The values that the model knows. Other values are refused. */
                                    values?: (number | string)[];
                                    /** @description Whether the model also takes values that are not in `values`. */
                                    others?: boolean;
                                    /** @description Whether the value may be missing. The model then gets NaN. */
                                    optional?: boolean;
                                }[];
                            } | {
                                /** @enum {string} */
                                kind: "text";
                                /** @description Name of the input tensor that takes the text itself, [batch] or [batch, 1]. Without it, the text is tokenized. */
                                tensor?: string;
                                tokenizer?: {
                                    /** @description Path of the tokenizer, relative to the model folder: Hugging Face's tokenizer.json. */
                                    file: string;
                                    /** @description Largest number of tokens, the special ones included. A longer text is cut. */
                                    maxTokens: number;
                                    /** @description The token that fills up shorter texts of a batch. */
                                    padId: number;
                                    /** @description The token type of this token. Default: 0. */
                                    padTypeId?: number;
                                    /** @enum {unknown} */
                                    paddingSide?: "left" | "right";
                                    /** @enum {unknown} */
                                    truncationSide?: "left" | "right";
                                };
                                /** @description Whether the model compares two texts. */
                                pair?: boolean;
                                /** @description A typical text. */
                                example?: string;
                            } | {
                                /** @enum {string} */
                                kind: "tensors";
                            };
                            output: {
                                /**
                                 * @description One label of many.
                                 * @enum {string}
                                 */
                                kind: "classes";
                                /** @description Name of the output tensor with one score for each label, [batch, labels]. */
                                tensor: string;
                                /**
                                 * @description softmax: the output holds logits, and the service applies softmax. none: the output holds probabilities.
                                 * @enum {unknown}
                                 */
                                activation: "none" | "softmax";
                                /** @description Name of the output tensor with the model's own label, [batch] or [batch, 1]. Its value is the answer. */
                                label?: string;
                                /** @description The values of the label tensor, in the order of the labels. Default: the labels themselves. */
                                classes?: (number | string | boolean)[];
                            } | {
                                /**
                                 * @description One probability, of the second of two labels.
                                 * @enum {string}
                                 */
                                kind: "binary";
                                /** @description Name of the output tensor with one score for each input, [batch, 1] or [batch]. */
                                tensor: string;
                                /**
                                 * @description sigmoid: the output holds a logit, and the service applies the sigmoid function. none: the output holds a probability.
                                 * @enum {unknown}
                                 */
                                activation: "none" | "sigmoid";
                            } | {
                                /**
                                 * @description Several labels at once.
                                 * @enum {string}
                                 */
                                kind: "labels";
                                /** @description Name of the output tensor with one score for each label, [batch, labels]. */
                                tensor: string;
                                /**
                                 * @description sigmoid: the output holds logits, and the service applies the sigmoid function. none: the output holds probabilities.
                                 * @enum {unknown}
                                 */
                                activation: "none" | "sigmoid";
                                /** @description Least probability of a label in `labels` of the answer. Default: 0.5. */
                                threshold?: number;
                            } | {
                                /**
                                 * @description A label without a probability.
                                 * @enum {string}
                                 */
                                kind: "label";
                                /** @description Name of the output tensor with the model's own label, [batch] or [batch, 1]. Its value is the answer. */
                                label: string;
                                /** @description The values of the label tensor, in the order of the labels. Default: the labels themselves. */
                                classes?: (number | string | boolean)[];
                            } | {
                                /**
                                 * @description A number.
                                 * @enum {string}
                                 */
                                kind: "value";
                                /** @description Name of the output tensor with one number for each input, [batch, 1] or [batch]. */
                                tensor: string;
                            } | {
                                /**
                                 * @description The model's output tensors, as they are.
                                 * @enum {string}
                                 */
                                kind: "tensors";
                            };
                            /** @description What the files of the model do not say, and was assumed. */
                            assumptions: {
                                /** @description JSON pointer of the field of the card. */
                                field: string;
                                /** @description What was assumed. */
                                assumed: string;
                                /** @description Why it had to be assumed. */
                                because: string;
                                /** @description The lines of card.json that settle it. */
                                card: string;
                            }[];
                            /** @description What the service has read to know how to use the model. */
                            sources: string[];
                            /** @description Supported formats of an input. */
                            formats: string[];
                            /** @description Limits and layout of this service. */
                            service: {
                                /** @description Largest size of a request body in bytes. */
                                "upload-limit": number;
                                /** @description Largest number of pixels (width × height) of a picture. */
                                "pixel-limit": number;
                                /** @description Largest number of characters of a text. */
                                "text-limit": number;
                                /** @description Milliseconds from the complete request to its answer, at most. */
                                "deadline-ms": number;
                                /** @description Largest number of inputs that are being read, waiting or running. */
                                "queue-limit": number;
                                /** @description Worker threads; 0: the model runs on the event loop. */
                                workers: number;
                                /** @description ONNX Runtime threads in each worker. */
                                threads: number;
                                /** @description Largest number of inputs in a batch. */
                                "max-batch": number;
                                /**
                                 * @description Execution providers of ONNX Runtime in the order of preference.
                                 * @example [
                                 *       "cpu"
                                 *     ]
                                 */
                                "execution-providers": string[];
                                /** @description Measurements of the layouts that were tried at start-up. */
                                calibration: {
                                    /** @description Worker threads; 0: the model runs on the event loop. */
                                    workers: number;
                                    /** @description ONNX Runtime threads in each worker. */
                                    threads: number;
                                    /** @description Inputs in a batch. */
                                    batch: number;
                                    /** @description Inputs per second, if all workers are busy. */
                                    rate: number;
                                    /** @description Milliseconds of the fastest run of the model on one batch. */
                                    latency: number;
                                }[];
                            };
                        };
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/predict": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Predict the species
         * @description Names the species of an iris flower from four measurements of its sepals and petals.
         */
        post: {
            parameters: {
                query?: {
                    /** @description Number of labels in `top`. */
                    top_k?: number;
                };
                header?: {
                    /** @description Milliseconds from the complete request to its answer; after that the answer is 504. Default: 10000. */
                    "x-deadline-ms"?: number;
                };
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    /**
                     * @example [
                     *       5.9,
                     *       3,
                     *       5.1,
                     *       1.8
                     *     ]
                     */
                    "application/json": number[] | {
                        /**
                         * @description In cm. Training data: 4.3 to 7.9.
                         * @example 5.9
                         */
                        "sepal length": number;
                        /**
                         * @description In cm. Training data: 2 to 4.4.
                         * @example 3
                         */
                        "sepal width": number;
                        /**
                         * @description In cm. Training data: 1 to 6.9.
                         * @example 5.1
                         */
                        "petal length": number;
                        /**
                         * @description In cm. Training data: 0.1 to 2.5.
                         * @example 1.8
                         */
                        "petal width": number;
                    } | (number[] | {
                        /**
                         * @description In cm. Training data: 4.3 to 7.9.
                         * @example 5.9
                         */
                        "sepal length": number;
                        /**
                         * @description In cm. Training data: 2 to 4.4.
                         * @example 3
                         */
                        "sepal width": number;
                        /**
                         * @description In cm. Training data: 1 to 6.9.
                         * @example 5.1
                         */
                        "petal length": number;
                        /**
                         * @description In cm. Training data: 0.1 to 2.5.
                         * @example 1.8
                         */
                        "petal width": number;
                    })[] | {
                        /** Rows */
                        instances: (number[] | {
                            /**
                             * @description In cm. Training data: 4.3 to 7.9.
                             * @example 5.9
                             */
                            "sepal length": number;
                            /**
                             * @description In cm. Training data: 2 to 4.4.
                             * @example 3
                             */
                            "sepal width": number;
                            /**
                             * @description In cm. Training data: 1 to 6.9.
                             * @example 5.1
                             */
                            "petal length": number;
                            /**
                             * @description In cm. Training data: 0.1 to 2.5.
                             * @example 1.8
                             */
                            "petal width": number;
                        })[];
                    };
                    /**
                     * @example sepal length,sepal width,petal length,petal width
                     *     5.9,3,5.1,1.8
                     */
                    "text/csv": string;
                    "multipart/form-data": {
                        /**
                         * @description In cm. Training data: 4.3 to 7.9.
                         * @example 5.9
                         */
                        "sepal length"?: number;
                        /**
                         * @description In cm. Training data: 2 to 4.4.
                         * @example 3
                         */
                        "sepal width"?: number;
                        /**
                         * @description In cm. Training data: 1 to 6.9.
                         * @example 5.1
                         */
                        "petal length"?: number;
                        /**
                         * @description In cm. Training data: 0.1 to 2.5.
                         * @example 1.8
                         */
                        "petal width"?: number;
                        /**
                         * Format: binary
                         * @description A CSV file instead of the fields.
                         */
                        file?: Blob | Blob[];
                    };
                };
            };
            responses: {
                /** @description The most probable label of each input, and the labels after it. */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            /** @enum {unknown} */
                            species: "setosa" | "versicolor" | "virginica";
                            probability: number;
                            /** @description Place of the label in the list of labels, from 0. */
                            index: number;
                            /** @description The most probable labels, most probable first. */
                            top: {
                                /** @enum {unknown} */
                                label: "setosa" | "versicolor" | "virginica";
                                index: number;
                                probability: number;
                            }[];
                            /** @example iris */
                            model: string;
                            /** @example 1 */
                            version: string;
                        } | {
                            /** @description One prediction for each input, in the same order. */
                            predictions: {
                                /** @enum {unknown} */
                                species: "setosa" | "versicolor" | "virginica";
                                probability: number;
                                /** @description Place of the label in the list of labels, from 0. */
                                index: number;
                                /** @description The most probable labels, most probable first. */
                                top: {
                                    /** @enum {unknown} */
                                    label: "setosa" | "versicolor" | "virginica";
                                    index: number;
                                    probability: number;
                                }[];
                            }[];
                            /** @example iris */
                            model: string;
                            /** @example 1 */
                            version: string;
                        };
                    };
                };
                /** @description An error. */
                400: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description An error. */
                401: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description An error. */
                413: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description An error. */
                415: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description An error. */
                422: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description An error. */
                429: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description An error. */
                503: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description An error. */
                504: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/explain": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Explain the species
         * @description Takes one input, in any format of POST /predict. Runs the model again with parts of the input changed, and answers how much each part matters. Predictions go first: an explanation waits for all of them, and is refused with 503 before they are.
         */
        post: {
            parameters: {
                query?: never;
                header?: {
                    /** @description Milliseconds from the complete request to its answer; after that the answer is 504. Default: 10000. */
                    "x-deadline-ms"?: number;
                };
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    /**
                     * @example [
                     *       5.9,
                     *       3,
                     *       5.1,
                     *       1.8
                     *     ]
                     */
                    "application/json": number[] | {
                        /**
                         * @description In cm. Training data: 4.3 to 7.9.
                         * @example 5.9
                         */
                        "sepal length": number;
                        /**
                         * @description In cm. Training data: 2 to 4.4.
                         * @example 3
                         */
                        "sepal width": number;
                        /**
                         * @description In cm. Training data: 1 to 6.9.
                         * @example 5.1
                         */
                        "petal length": number;
                        /**
                         * @description In cm. Training data: 0.1 to 2.5.
                         * @example 1.8
                         */
                        "petal width": number;
                    } | (number[] | {
                        /**
                         * @description In cm. Training data: 4.3 to 7.9.
                         * @example 5.9
                         */
                        "sepal length": number;
                        /**
                         * @description In cm. Training data: 2 to 4.4.
                         * @example 3
                         */
                        "sepal width": number;
                        /**
                         * @description In cm. Training data: 1 to 6.9.
                         * @example 5.1
                         */
                        "petal length": number;
                        /**
                         * @description In cm. Training data: 0.1 to 2.5.
                         * @example 1.8
                         */
                        "petal width": number;
                    })[] | {
                        /** Rows */
                        instances: (number[] | {
                            /**
                             * @description In cm. Training data: 4.3 to 7.9.
                             * @example 5.9
                             */
                            "sepal length": number;
                            /**
                             * @description In cm. Training data: 2 to 4.4.
                             * @example 3
                             */
                            "sepal width": number;
                            /**
                             * @description In cm. Training data: 1 to 6.9.
                             * @example 5.1
                             */
                            "petal length": number;
                            /**
                             * @description In cm. Training data: 0.1 to 2.5.
                             * @example 1.8
                             */
                            "petal width": number;
                        })[];
                    };
                    /**
                     * @example sepal length,sepal width,petal length,petal width
                     *     5.9,3,5.1,1.8
                     */
                    "text/csv": string;
                    "multipart/form-data": {
                        /**
                         * @description In cm. Training data: 4.3 to 7.9.
                         * @example 5.9
                         */
                        "sepal length"?: number;
                        /**
                         * @description In cm. Training data: 2 to 4.4.
                         * @example 3
                         */
                        "sepal width"?: number;
                        /**
                         * @description In cm. Training data: 1 to 6.9.
                         * @example 5.1
                         */
                        "petal length"?: number;
                        /**
                         * @description In cm. Training data: 0.1 to 2.5.
                         * @example 1.8
                         */
                        "petal width"?: number;
                        /**
                         * Format: binary
                         * @description A CSV file instead of the fields.
                         */
                        file?: Blob | Blob[];
                    };
                };
            };
            responses: {
                /** @description The effect of each feature on the probability of the label. */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            /** @enum {unknown} */
                            species: "setosa" | "versicolor" | "virginica";
                            probability: number;
                            index: number;
                            /** @description One entry for each feature, in the order of the model. */
                            features: {
                                name: string;
                                value: number;
                                /** @description The probability of the label, minus its mean over the feature's range in the training data. */
                                importance: number;
                                /** @description The probability of the label for values of this feature over its range, with all other features unchanged. */
                                curve: {
                                    value: number;
                                    probability: number;
                                }[];
                            }[];
                            /** @example iris */
                            model: string;
                            /** @example 1 */
                            version: string;
                        };
                    };
                };
                /** @description An error. */
                400: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description An error. */
                401: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description An error. */
                413: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description An error. */
                415: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description An error. */
                422: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description An error. */
                429: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description An error. */
                503: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description An error. */
                504: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/livez": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Liveness
         * @description Answers while the event loop runs. Restart the process if there is no answer.
         */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            /** @enum {unknown} */
                            status: "live" | "ready";
                            /** @description Name of the model. */
                            model?: string;
                            /** @description Version of the model. */
                            version?: string;
                            /** @description Seconds since the process started. */
                            uptime?: number;
                            /** @description Number of inputs that wait for a worker. */
                            queued?: number;
                            /** @description Number of inputs that the model is running on now. */
                            running?: number;
                            /** @description Number of workers that have loaded the model. */
                            workers?: number;
                        };
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/readyz": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Readiness
         * @description Answers 200 while the model is loaded and warm and the service is not shutting down. Send requests only then.
         */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            /** @enum {unknown} */
                            status: "live" | "ready";
                            /** @description Name of the model. */
                            model?: string;
                            /** @description Version of the model. */
                            version?: string;
                            /** @description Seconds since the process started. */
                            uptime?: number;
                            /** @description Number of inputs that wait for a worker. */
                            queued?: number;
                            /** @description Number of inputs that the model is running on now. */
                            running?: number;
                            /** @description Number of workers that have loaded the model. */
                            workers?: number;
                        };
                    };
                };
                /** @description An error. */
                503: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/healthz": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Readiness in detail
         * @description The same as /readyz, with the state of the queue and of the workers.
         */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            /** @enum {unknown} */
                            status: "live" | "ready";
                            /** @description Name of the model. */
                            model?: string;
                            /** @description Version of the model. */
                            version?: string;
                            /** @description Seconds since the process started. */
                            uptime?: number;
                            /** @description Number of inputs that wait for a worker. */
                            queued?: number;
                            /** @description Number of inputs that the model is running on now. */
                            running?: number;
                            /** @description Number of workers that have loaded the model. */
                            workers?: number;
                        };
                    };
                };
                /** @description An error. */
                503: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /** @description An error. */
        Error: {
            /** @description HTTP status. */
            statusCode: number;
            /** @description Error code for programs. It never changes. */
            code: string;
            /** @description Standard text of the HTTP status. */
            error: string;
            /** @description Message for people: what is wrong, and what to do. */
            message: string;
            /** @description If rows of a CSV file are wrong: each of them, or the first ones. The message is that of the first. */
            faults?: {
                /** @description Number of the row. A header does not count. */
                row: number;
                /** @description What is wrong with it, and what to do. */
                message: string;
            }[];
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export type operations = Record<string, never>;
