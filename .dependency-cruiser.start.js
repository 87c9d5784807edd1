import { NOT_TYPESCRIPT, resolution } from './.dependency-cruiser.js'

// What a start loads before it knows the model: what server.ts reaches by imports that are neither dynamic nor of types.

export default {
  forbidden: [{
    name: 'the-event-loop-loads-what-it-needs',
    comment: 'Workers load WebAssembly and ONNX Runtime. Where the event loop may need them, it imports them dynamically.',
    severity: 'error',
    from: { path: '^server\\.ts$' },
    to: { path: '^lib/pixels/simd\\.ts$|(^|node_modules/)onnxruntime-node(/|$)', reachable: true }
  }],
  options: {
    ...resolution,
    exclude: { path: NOT_TYPESCRIPT, dynamic: true },
    tsPreCompilationDeps: false
  }
}
