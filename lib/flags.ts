import { setFlagsFromString } from 'node:v8'

/**
 * Sets the flags of V8 that the service needs, for all threads. V8 takes a code cache only under the flags that it was made under, so
 * that they are set before any bundle is loaded.
 */

// `ArrayBuffer.prototype.transfer` is behind a flag in Node.js 20.
if (!('transfer' in ArrayBuffer.prototype)) setFlagsFromString('--harmony-rab-gsab-transfer')

/**
 * Keeps the heap small from now on: the young generation stays as large as the start has made it, and the old one may at most double
 * before V8 collects it. By default, both grow with the garbage of many small requests, which takes 50 MiB and saves little time. A
 * start is faster with the defaults.
 */
export function keepHeapSmall (): void {
  setFlagsFromString('--semi-space-growth-factor=1')
  setFlagsFromString('--heap-growing-percent=100')
}

/** Undoes `keepHeapSmall`: a code cache holds for the flags that are set when it is made, and a start begins without these. */
export function restoreHeapGrowth (): void {
  setFlagsFromString('--semi-space-growth-factor=2')
  setFlagsFromString('--heap-growing-percent=0')
}
