import { setFlagsFromString } from 'node:v8'

/**
 * Sets the flags of V8 that the service needs, for all threads. V8 takes a code cache only under the flags that it was made under, so
 * that they are set before any bundle is loaded.
 */

// `ArrayBuffer.prototype.transfer` is behind a flag in Node.js 20.
if (!('transfer' in ArrayBuffer.prototype)) setFlagsFromString('--harmony-rab-gsab-transfer')
