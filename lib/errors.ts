import createError from '@fastify/error'

/**
 * All errors that a client or an operator can get. Each has a stable `code`.
 *
 * 4xx: the client must change its request; the message names the field and the limit, and says what to do.
 * 503 and 504: the client should try again later. Errors without a status stop the start-up.
 */

/** What is wrong with one row of a file. */
export interface RowFault {
  /** Number of the row, from 1. A header does not count. */
  row: number
  /** What is wrong, in a sentence that names the row. */
  message: string
}

export const RequestInvalid = createError<'SRV_REQUEST_INVALID', 400, [string]>('SRV_REQUEST_INVALID', '%s', 400)
export const BodyMalformed = createError<'SRV_BODY_MALFORMED', 400, [string]>('SRV_BODY_MALFORMED', '%s', 400)
export const BodyMissing = createError<'SRV_BODY_MISSING', 400, [string]>('SRV_BODY_MISSING', 'The request has no body; %s.', 400)
export const FileMissing = createError<'SRV_FILE_MISSING', 400, []>(
  'SRV_FILE_MISSING', "The form holds no file; add one, for example as field 'file' (curl -F file=@photo.jpg).", 400)
export const InputEmpty = createError<'SRV_INPUT_EMPTY', 400, [string]>('SRV_INPUT_EMPTY', '%s is empty (0 bytes).', 400)

export const Unauthorized = createError<'SRV_UNAUTHORIZED', 401, [string]>(
  'SRV_UNAUTHORIZED', '%s; send one as Authorization: Bearer KEY.', 401)

export const NotFound = createError<'SRV_NOT_FOUND', 404, [string, string]>(
  'SRV_NOT_FOUND', 'There is no %s %s; GET /swagger lists all endpoints.', 404)
export const ModelUnknown = createError<'SRV_MODEL_UNKNOWN', 404, [string, string]>(
  'SRV_MODEL_UNKNOWN', "There is no model '%s'; this service serves '%s'.", 404)
export const ModelVersionUnknown = createError<'SRV_MODEL_VERSION_UNKNOWN', 404, [string, string, string]>(
  'SRV_MODEL_VERSION_UNKNOWN', "There is no version '%s' of the model '%s'; this service serves version '%s'.", 404)
export const ServiceUnknown = createError<'SRV_SERVICE_UNKNOWN', 404, [string, string]>(
  'SRV_SERVICE_UNKNOWN', "There is no service '%s'; this server has '%s'.", 404)
export const MethodNotAllowed = createError<'SRV_METHOD_NOT_ALLOWED', 405, [string, string, string]>(
  'SRV_METHOD_NOT_ALLOWED', '%s is not allowed on %s; use %s.', 405)

export const RequestTooSlow = createError<'SRV_REQUEST_TOO_SLOW', 408, []>(
  'SRV_REQUEST_TOO_SLOW', 'The request did not arrive in time; send it faster, or less of it.', 408)
export const BodyTooLarge = createError<'SRV_BODY_TOO_LARGE', 413, [number]>(
  'SRV_BODY_TOO_LARGE', 'The request body is over the limit of %d bytes (UPLOAD_LIMIT); send a smaller picture, or fewer at once.', 413)
export const TooManyInputs = createError<'SRV_TOO_MANY_INPUTS', 413, [number]>(
  'SRV_TOO_MANY_INPUTS', 'The request holds more than %d inputs; send fewer at once.', 413)
export const FormTooComplex = createError<'SRV_FORM_TOO_COMPLEX', 413, [string]>(
  'SRV_FORM_TOO_COMPLEX', 'The form is over a limit: %s.', 413)
export const BodyTooComplex = createError<'SRV_BODY_TOO_COMPLEX', 413, [string]>(
  'SRV_BODY_TOO_COMPLEX', 'The request body is over a limit: %s; send less at once.', 413)
export const AnswerTooLarge = createError<'SRV_ANSWER_TOO_LARGE', 413, [number, number, number]>(
  'SRV_ANSWER_TOO_LARGE', '%d inputs with top_k=%d give an answer over the limit of %d labels; ask for a smaller top_k, or send fewer inputs at once.', 413)
/** As AnswerTooLarge, if only the outputs of the model show it. */
export const AnswerTooLong = createError<'SRV_ANSWER_TOO_LARGE', 413, [number]>(
  'SRV_ANSWER_TOO_LARGE', 'The answer is over the limit of %d values; send fewer inputs at once.', 413)

export const MediaTypeUnsupported = createError<'SRV_MEDIA_TYPE_UNSUPPORTED', 415, [string, string]>(
  'SRV_MEDIA_TYPE_UNSUPPORTED', "Content-Type '%s' is not supported; send %s.", 415)
export const EncodingUnsupported = createError<'SRV_ENCODING_UNSUPPORTED', 415, [string]>(
  'SRV_ENCODING_UNSUPPORTED', "Content-Encoding '%s' is not supported; send the body uncompressed, without this header.", 415)
export const ImageUnsupported = createError<'SRV_IMAGE_UNSUPPORTED', 415, [string, string, string]>(
  'SRV_IMAGE_UNSUPPORTED', '%s is %s; %s.', 415)

export const ExpectationFailed = createError<'SRV_EXPECTATION_FAILED', 417, [string]>(
  'SRV_EXPECTATION_FAILED', "Expect '%s' is not supported; send Expect: 100-continue, or no Expect header.", 417)

export const ImageCorrupt = createError<'SRV_IMAGE_CORRUPT', 422, [string, string]>(
  'SRV_IMAGE_CORRUPT', '%s is a damaged or truncated image: %s. Send the whole file, or save the picture anew.', 422)
export const ImageTooLarge = createError<'SRV_IMAGE_TOO_LARGE', 422, [string, string, number]>(
  'SRV_IMAGE_TOO_LARGE', '%s has %s pixels, over the limit of %d (PIXEL_LIMIT); send a smaller picture.', 422)

export const ImageTooLong = createError<'SRV_IMAGE_TOO_LARGE', 422, [string, number, number]>(
  'SRV_IMAGE_TOO_LARGE', '%s has a side of %d pixels, over the limit of %d; send a smaller picture.', 422)
export const ImageTooHeavy = createError<'SRV_IMAGE_TOO_LARGE', 422, [string, number, number]>(
  'SRV_IMAGE_TOO_LARGE', '%s takes %d bytes of memory to decode, over the limit of %d (DECODE_LIMIT); send a smaller picture, or a JPEG that is not progressive.', 422)
export const AnswerNotFinite = createError<'SRV_ANSWER_NOT_FINITE', 422, [string, number, string]>(
  'SRV_ANSWER_NOT_FINITE', "%s has no answer: the model computes %s in its output '%s'. Send an input that is more like the model's training data.", 422)
export const TextTooLong = createError<'SRV_TEXT_TOO_LONG', 413, [string, number, number]>(
  'SRV_TEXT_TOO_LONG', '%s has %d characters, over the limit of %d (TEXT_LIMIT); send a shorter one, or its parts as several texts.', 413)
export const TextUnusable = createError<'SRV_TEXT_UNUSABLE', 422, [string]>('SRV_TEXT_UNUSABLE', '%s', 422)
export const RowUnusable = createError<'SRV_ROW_UNUSABLE', 422, [string]>('SRV_ROW_UNUSABLE', '%s', 422)

export const TensorUnusable = createError<'SRV_TENSOR_UNUSABLE', 422, [string]>('SRV_TENSOR_UNUSABLE', '%s', 422)

export const HeadersTooLarge = createError<'SRV_HEADERS_TOO_LARGE', 431, []>(
  'SRV_HEADERS_TOO_LARGE', 'The headers are over the limit of 16 KiB; send fewer or shorter ones.', 431)

export const TooManyRequests = createError<'SRV_TOO_MANY_REQUESTS', 429, [string, number]>(
  'SRV_TOO_MANY_REQUESTS', '%s, over the limit of %d a minute; try again later.', 429)

/** For the log only: the client has closed the connection and gets no answer. nginx introduced the status 499. */
export const ClientGone = createError<'SRV_CLIENT_GONE', 499, []>('SRV_CLIENT_GONE', 'The client closed the connection.', 499)

export const NotReady = createError<'SRV_NOT_READY', 503, [string]>('SRV_NOT_READY', 'Not ready: %s.', 503)
// An overloaded service throws thousands of these errors per second. They carry no stack trace, to save CPU time.
export const QueueFull = createError<'SRV_QUEUE_FULL', 503, [number]>(
  'SRV_QUEUE_FULL', 'Over capacity: %d inputs are already waiting (QUEUE_LIMIT); try again later.', 503, Error, false)
export const Overloaded = createError<'SRV_OVERLOADED', 503, []>('SRV_OVERLOADED', 'The service is overloaded; try again later.', 503, Error, false)
export const WorkerLost = createError<'SRV_WORKER_LOST', 503, []>(
  'SRV_WORKER_LOST', 'The worker that ran this input died and is being replaced; try again.', 503)
export const OutOfMemory = createError<'SRV_OUT_OF_MEMORY', 503, [string]>(
  'SRV_OUT_OF_MEMORY', 'The service has too little memory to decode the input (%s); try again later.', 503)
export const DecodeTooSlow = createError<'SRV_DECODE_TOO_SLOW', 504, []>(
  'SRV_DECODE_TOO_SLOW', 'The input was not decoded within 10 seconds; try again later, or send a smaller one.', 504)
export const DeadlinePassed = createError<'SRV_DEADLINE', 504, [number]>(
  'SRV_DEADLINE', 'No answer within %d ms (DEADLINE_MS); try again later.', 504)
/** As DeadlinePassed, if the request itself set the deadline. */
export const AskedDeadlinePassed = createError<'SRV_DEADLINE', 504, [string, string]>(
  'SRV_DEADLINE', 'No answer within %s ms (%s of the request); allow more time, or try again later.', 504)
export const VersionUnsupported = createError<'SRV_VERSION_UNSUPPORTED', 505, []>(
  'SRV_VERSION_UNSUPPORTED', 'This version of HTTP is not supported; send the request as HTTP/1.1.', 505)
export const InternalError = createError<'SRV_INTERNAL', 500, []>(
  'SRV_INTERNAL', 'Internal error; the log has the details under this request id.', 500)

export const ConfigInvalid = createError<[string]>('SRV_CONFIG_INVALID', '%s')
export const ModelMissing = createError<[string]>('SRV_MODEL_MISSING', '%s')
export const ModelUnfetched = createError<[string, string]>('SRV_MODEL_UNFETCHED', 'Could not fetch %s: %s.')
export const CardInvalid = createError<[string, string]>('SRV_CARD_INVALID', '%s: %s')
export const ModelInvalid = createError<[string, string]>('SRV_MODEL_INVALID', '%s: %s')
/** A part of the card has several usual meanings. Says which lines of `card.json` settle it. */
export const CardAmbiguous = createError<[string, string, string]>('SRV_CARD_AMBIGUOUS', '%s: %s; add to card.json: %s')
/** A file with inputs and outputs of the framework cannot be compared with the model. */
export const ModelReferenceInvalid = createError<[string, string]>('SRV_MODEL_REFERENCE_INVALID', '%s: %s')
