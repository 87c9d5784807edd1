/**
 * Nothing here calls home. ONNX Runtime sends telemetry unless this is set before its library loads, so this module
 * is imported before any thread that loads it starts; threads inherit the process's environment.
 *
 * @see https://github.com/microsoft/onnxruntime/pull/27379
 */
process.env['ORT_DISABLE_TELEMETRY'] = '1'
