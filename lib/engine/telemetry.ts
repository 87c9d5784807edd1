/**
 * Turns ONNX Runtime's telemetry off. The variable must be set before ONNX Runtime loads, so import this module before
 * ONNX Runtime, and before starting a thread that loads it. Threads inherit the environment of the process.
 *
 * @see https://github.com/microsoft/onnxruntime/pull/27379
 */
process.env['ORT_DISABLE_TELEMETRY'] = '1'
