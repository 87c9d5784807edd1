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
         * @description What the model is, what input it expects, how good it is, and the limits of this service.
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
                             * @description Height × width × channels, in pixels; for rows, the number of features.
                             * @example 64x64x3
                             */
                            "input-size": string;
                            "num-classes": number;
                            "pretrained-on"?: string;
                            architecture?: string;
                            training?: string;
                            dataset?: {
                                name: string;
                                url?: string;
                                licence?: string;
                                /** @description Training examples. */
                                train?: number;
                                /** @description Held-out examples that `performance` was measured on. */
                                test?: number;
                            };
                            performance?: {
                                split?: string;
                                top1: number;
                                top5?: number;
                            };
                            licence?: string;
                            /** @description What the model cannot do. */
                            limits?: string[];
                            /** @description The key of a prediction that holds the label. */
                            "label-key": string;
                            /** @description In the order of the predictions' `index`. */
                            labels: string[];
                            input: {
                                /** @enum {string} */
                                kind: "image";
                                /** @description Name of the model's input. */
                                tensor: string;
                                /**
                                 * @description uint8 hands over bytes, 0 to 255; float32 needs `normalisation`.
                                 * @enum {unknown}
                                 */
                                type: "uint8" | "float32";
                                /** @enum {unknown} */
                                layout: "NHWC" | "NCHW";
                                width: number;
                                height: number;
                                /** @enum {unknown} */
                                colour: "rgb" | "grey";
                                resize: {
                                    /**
                                     * @description cover: shorter side to size, centre crop. contain: longer side to size, padded. stretch: both sides.
                                     * @enum {unknown}
                                     */
                                    fit: "cover" | "contain" | "stretch";
                                    /** @description For cover: the shorter side before the crop, as in Resize(248) then CenterCrop(224). */
                                    shorterSide?: number;
                                    /**
                                     * @description Antialiased, as in Pillow's resize.
                                     * @enum {unknown}
                                     */
                                    filter: "bilinear" | "bicubic" | "lanczos";
                                };
                                /** @description What shows through transparent pixels. */
                                background: string;
                                /**
                                 * @description auto: a grey picture with a light border is dark-on-light and is inverted.
                                 * @enum {unknown}
                                 */
                                invert?: "never" | "auto";
                                /** @description (value / 255 − mean) / std, for each channel. */
                                normalisation?: {
                                    mean: number[];
                                    std: number[];
                                };
                            } | {
                                /** @enum {string} */
                                kind: "table";
                                /** @description Name of the model's input, [batch, features]. */
                                tensor: string;
                                /** @enum {unknown} */
                                type: "float32";
                                features: {
                                    name: string;
                                    unit?: string;
                                    /** @description Least value seen in training. */
                                    min: number;
                                    /** @description Greatest value seen in training. */
                                    max: number;
                                    example: number;
                                }[];
                            };
                            /** @description Formats that are read. */
                            formats: string[];
                            /** @description Limits and layout of this service. */
                            service: {
                                /** @description Bytes of one request. */
                                "upload-limit": number;
                                /** @description Pixels of one picture. */
                                "pixel-limit": number;
                                "deadline-ms": number;
                                /** @description Inputs admitted at once. */
                                "queue-limit": number;
                                /** @description Worker threads; 0 runs the model on the event loop. */
                                workers: number;
                                /** @description ONNX Runtime's threads in each. */
                                threads: number;
                                /** @description Inputs that run together at most. */
                                "max-batch": number;
                                /** @description The layouts that were tried at start-up. */
                                calibration: {
                                    workers: number;
                                    threads: number;
                                    /** @description Inputs in a run. */
                                    batch: number;
                                    /** @description Inputs a second, with every worker busy. */
                                    rate: number;
                                    /** @description Milliseconds of a run. */
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
                    /** @description How many labels `top` holds, most probable first. */
                    top_k?: number;
                };
                header?: {
                    /** @description Milliseconds until the answer is no longer wanted; 10000 where it is not said. */
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
                         * @description In cm. 4.3 to 7.9 in training.
                         * @example 5.9
                         */
                        "sepal length": number;
                        /**
                         * @description In cm. 2 to 4.4 in training.
                         * @example 3
                         */
                        "sepal width": number;
                        /**
                         * @description In cm. 1 to 6.9 in training.
                         * @example 5.1
                         */
                        "petal length": number;
                        /**
                         * @description In cm. 0.1 to 2.5 in training.
                         * @example 1.8
                         */
                        "petal width": number;
                    } | (number[] | {
                        /**
                         * @description In cm. 4.3 to 7.9 in training.
                         * @example 5.9
                         */
                        "sepal length": number;
                        /**
                         * @description In cm. 2 to 4.4 in training.
                         * @example 3
                         */
                        "sepal width": number;
                        /**
                         * @description In cm. 1 to 6.9 in training.
                         * @example 5.1
                         */
                        "petal length": number;
                        /**
                         * @description In cm. 0.1 to 2.5 in training.
                         * @example 1.8
                         */
                        "petal width": number;
                    })[] | {
                        instances: (number[] | {
                            /**
                             * @description In cm. 4.3 to 7.9 in training.
                             * @example 5.9
                             */
                            "sepal length": number;
                            /**
                             * @description In cm. 2 to 4.4 in training.
                             * @example 3
                             */
                            "sepal width": number;
                            /**
                             * @description In cm. 1 to 6.9 in training.
                             * @example 5.1
                             */
                            "petal length": number;
                            /**
                             * @description In cm. 0.1 to 2.5 in training.
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
                         * @description In cm. 4.3 to 7.9 in training.
                         * @example 5.9
                         */
                        "sepal length"?: number;
                        /**
                         * @description In cm. 2 to 4.4 in training.
                         * @example 3
                         */
                        "sepal width"?: number;
                        /**
                         * @description In cm. 1 to 6.9 in training.
                         * @example 5.1
                         */
                        "petal length"?: number;
                        /**
                         * @description In cm. 0.1 to 2.5 in training.
                         * @example 1.8
                         */
                        "petal width"?: number;
                        /**
                         * Format: binary
                         * @description A CSV file, instead of the fields.
                         */
                        file?: Blob | Blob[];
                    };
                };
            };
            responses: {
                /** @description The most probable label, and those after it. */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            /** @enum {unknown} */
                            species: "setosa" | "versicolor" | "virginica";
                            probability: number;
                            /** @description The label's place in the list of labels. */
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
                            /** @description One for each input, in the same order. */
                            predictions: {
                                /** @enum {unknown} */
                                species: "setosa" | "versicolor" | "virginica";
                                probability: number;
                                /** @description The label's place in the list of labels. */
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
                        "text/csv": string;
                    };
                };
                /** @description Why the request was not answered. */
                400: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Why the request was not answered. */
                401: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Why the request was not answered. */
                413: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Why the request was not answered. */
                415: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Why the request was not answered. */
                422: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Why the request was not answered. */
                429: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Why the request was not answered. */
                503: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Why the request was not answered. */
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
                    /** @description Milliseconds until the answer is no longer wanted; 10000 where it is not said. */
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
                         * @description In cm. 4.3 to 7.9 in training.
                         * @example 5.9
                         */
                        "sepal length": number;
                        /**
                         * @description In cm. 2 to 4.4 in training.
                         * @example 3
                         */
                        "sepal width": number;
                        /**
                         * @description In cm. 1 to 6.9 in training.
                         * @example 5.1
                         */
                        "petal length": number;
                        /**
                         * @description In cm. 0.1 to 2.5 in training.
                         * @example 1.8
                         */
                        "petal width": number;
                    } | (number[] | {
                        /**
                         * @description In cm. 4.3 to 7.9 in training.
                         * @example 5.9
                         */
                        "sepal length": number;
                        /**
                         * @description In cm. 2 to 4.4 in training.
                         * @example 3
                         */
                        "sepal width": number;
                        /**
                         * @description In cm. 1 to 6.9 in training.
                         * @example 5.1
                         */
                        "petal length": number;
                        /**
                         * @description In cm. 0.1 to 2.5 in training.
                         * @example 1.8
                         */
                        "petal width": number;
                    })[] | {
                        instances: (number[] | {
                            /**
                             * @description In cm. 4.3 to 7.9 in training.
                             * @example 5.9
                             */
                            "sepal length": number;
                            /**
                             * @description In cm. 2 to 4.4 in training.
                             * @example 3
                             */
                            "sepal width": number;
                            /**
                             * @description In cm. 1 to 6.9 in training.
                             * @example 5.1
                             */
                            "petal length": number;
                            /**
                             * @description In cm. 0.1 to 2.5 in training.
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
                         * @description In cm. 4.3 to 7.9 in training.
                         * @example 5.9
                         */
                        "sepal length"?: number;
                        /**
                         * @description In cm. 2 to 4.4 in training.
                         * @example 3
                         */
                        "sepal width"?: number;
                        /**
                         * @description In cm. 1 to 6.9 in training.
                         * @example 5.1
                         */
                        "petal length"?: number;
                        /**
                         * @description In cm. 0.1 to 2.5 in training.
                         * @example 1.8
                         */
                        "petal width"?: number;
                        /**
                         * Format: binary
                         * @description A CSV file, instead of the fields.
                         */
                        file?: Blob | Blob[];
                    };
                };
            };
            responses: {
                /** @description What each feature did for the answer. */
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
                            /** @description In the order of the model's features. */
                            features: {
                                name: string;
                                value: number;
                                /** @description The label's probability, less its mean over the feature's range in training. */
                                importance: number;
                                /** @description The label's probability for values of this feature over its range, the others left alone. */
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
                /** @description Why the request was not answered. */
                400: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Why the request was not answered. */
                401: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Why the request was not answered. */
                413: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Why the request was not answered. */
                415: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Why the request was not answered. */
                422: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Why the request was not answered. */
                429: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Why the request was not answered. */
                503: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Error"];
                    };
                };
                /** @description Why the request was not answered. */
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
                            model?: string;
                            version?: string;
                            /** @description Seconds since the process started. */
                            uptime?: number;
                            /** @description Inputs that wait for a worker. */
                            queued?: number;
                            /** @description Inputs in a run. */
                            running?: number;
                            /** @description Worker threads that are up. */
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
                            model?: string;
                            version?: string;
                            /** @description Seconds since the process started. */
                            uptime?: number;
                            /** @description Inputs that wait for a worker. */
                            queued?: number;
                            /** @description Inputs in a run. */
                            running?: number;
                            /** @description Worker threads that are up. */
                            workers?: number;
                        };
                    };
                };
                /** @description Why the request was not answered. */
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
                            model?: string;
                            version?: string;
                            /** @description Seconds since the process started. */
                            uptime?: number;
                            /** @description Inputs that wait for a worker. */
                            queued?: number;
                            /** @description Inputs in a run. */
                            running?: number;
                            /** @description Worker threads that are up. */
                            workers?: number;
                        };
                    };
                };
                /** @description Why the request was not answered. */
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
        /** @description Why the request was not answered. */
        Error: {
            statusCode: number;
            /** @description Stable, for programs. */
            code: string;
            /** @description The status's own words. */
            error: string;
            /** @description What is wrong and what to do, for people. */
            message: string;
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
