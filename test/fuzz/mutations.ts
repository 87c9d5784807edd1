import fc from 'fast-check'

/** One damage to a file. Positions are parts of 1, of the bytes or of the segments that there are. */
export type Mutation =
  | { change: 'byte', at: number, value: number }
  | { change: 'bit', at: number, bit: number }
  | { change: 'truncate', at: number }
  | { change: 'delete' | 'repeat', at: number, length: number }
  | { change: 'insert', at: number, bytes: number[] }
  /** Of a JPEG: a byte of the data of a segment before the scan, or of its length, or its marker. */
  | { change: 'segment byte', segment: number, at: number, value: number }
  | { change: 'segment length', segment: number, by: number }
  | { change: 'segment marker', segment: number, marker: number }
  | { change: 'drop segment' | 'repeat segment', segment: number }
  | { change: 'move segment', segment: number, to: number }
  /** Of a JPEG: what the entropy-coded data goes through. */
  | { change: 'scan byte', at: number, value: number }
  | { change: 'insert marker', at: number, marker: number }
  | { change: 'drop restart' | 'repeat restart', restart: number }
  | { change: 'renumber restart', restart: number, number: number }

const part = fc.nat(2 ** 20 - 1).map(value => value / 2 ** 20)
const byte = fc.oneof(fc.constantFrom(0, 1, 2, 8, 0x11, 0x22, 0x7f, 0x80, 0xff), fc.nat(255))
const marker = fc.oneof(fc.integer({ min: 0xc0, max: 0xfe }), fc.constantFrom(0xc0, 0xc1, 0xc2, 0xc4, 0xd0, 0xd8, 0xd9, 0xda, 0xdb, 0xdc, 0xdd, 0xe0, 0xe1, 0xee, 0xfe))

/** Damages that fit any file. */
export const anyMutation: fc.Arbitrary<Mutation> = fc.oneof(
  fc.record({ change: fc.constant('byte' as const), at: part, value: byte }),
  fc.record({ change: fc.constant('bit' as const), at: part, bit: fc.nat(7) }),
  fc.record({ change: fc.constant('truncate' as const), at: part }),
  fc.record({ change: fc.constantFrom('delete' as const, 'repeat' as const), at: part, length: fc.integer({ min: 1, max: 64 }) }),
  fc.record({ change: fc.constant('insert' as const), at: part, bytes: fc.array(byte, { minLength: 1, maxLength: 16 }) })
)

/** Damages to the header of a JPEG. */
export const headerMutation: fc.Arbitrary<Mutation> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ change: fc.constant('segment byte' as const), segment: part, at: part, value: byte }) },
  { weight: 1, arbitrary: fc.record({ change: fc.constant('segment length' as const), segment: part, by: fc.oneof(fc.integer({ min: -4, max: 4 }), fc.integer({ min: -65_535, max: 65_535 })) }) },
  { weight: 1, arbitrary: fc.record({ change: fc.constant('segment marker' as const), segment: part, marker }) },
  { weight: 1, arbitrary: fc.record({ change: fc.constantFrom('drop segment' as const, 'repeat segment' as const), segment: part }) },
  { weight: 1, arbitrary: fc.record({ change: fc.constant('move segment' as const), segment: part, to: part }) }
)

/** Damages to the entropy-coded data of a JPEG. */
export const scanMutation: fc.Arbitrary<Mutation> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ change: fc.constant('scan byte' as const), at: part, value: byte }) },
  { weight: 1, arbitrary: fc.record({ change: fc.constant('insert marker' as const), at: part, marker }) },
  { weight: 1, arbitrary: fc.record({ change: fc.constantFrom('drop restart' as const, 'repeat restart' as const), restart: part }) },
  { weight: 1, arbitrary: fc.record({ change: fc.constant('renumber restart' as const), restart: part, number: fc.nat(7) }) },
  { weight: 2, arbitrary: anyMutation }
)

/** Damages a file. What does not fit the file changes nothing. */
export function mutated (file: Uint8Array, mutations: readonly Mutation[]): Buffer {
  return mutations.reduce<Buffer>((bytes, mutation) => mutatedOnce(bytes, mutation), Buffer.from(file))
}

function mutatedOnce (bytes: Buffer, mutation: Mutation): Buffer {
  switch (mutation.change) {
    case 'byte': return withByte(bytes, position(mutation.at, 0, bytes.length), () => mutation.value)
    case 'bit': return withByte(bytes, position(mutation.at, 0, bytes.length), value => value ^ 1 << mutation.bit)
    case 'truncate': return bytes.subarray(0, position(mutation.at, 0, bytes.length))
    case 'delete': return spliced(bytes, position(mutation.at, 0, bytes.length), mutation.length)
    case 'repeat': {
      const at = position(mutation.at, 0, bytes.length)
      return spliced(bytes, at, 0, bytes.subarray(at, at + mutation.length))
    }
    case 'insert': return spliced(bytes, position(mutation.at, 0, bytes.length), 0, mutation.bytes)
    case 'scan byte': return withByte(bytes, position(mutation.at, scanOf(bytes), bytes.length), () => mutation.value)
    case 'insert marker': return spliced(bytes, position(mutation.at, scanOf(bytes), bytes.length), 0, [0xff, mutation.marker])
    case 'drop restart':
    case 'repeat restart':
    case 'renumber restart': {
      const restarts = restartsOf(bytes)
      const at = restarts[position(mutation.restart, 0, restarts.length)]
      if (at === undefined) return bytes
      if (mutation.change === 'drop restart') return spliced(bytes, at, 2)
      if (mutation.change === 'renumber restart') return withByte(bytes, at + 1, () => 0xd0 + mutation.number)
      return spliced(bytes, at, 0, bytes.subarray(at, at + 2))
    }
  }
  const segments = segmentsOf(bytes)
  const segment = segments[position(mutation.segment, 0, segments.length)]
  if (!segment) return bytes
  const { start, end } = segment
  switch (mutation.change) {
    case 'segment byte': return withByte(bytes, position(mutation.at, start + 2, end), () => mutation.value)
    case 'segment length': {
      const length = Math.max(0, Math.min(65_535, end - start - 2 + mutation.by))
      return withByte(withByte(bytes, start + 2, () => length >> 8), start + 3, () => length & 255)
    }
    case 'segment marker': return withByte(bytes, start + 1, () => mutation.marker)
    case 'drop segment': return spliced(bytes, start, end - start)
    case 'repeat segment': return spliced(bytes, start, 0, bytes.subarray(start, end))
    case 'move segment': {
      const before = segments[position(mutation.to, 0, segments.length)]!.start
      const rest = spliced(bytes, start, end - start)
      return spliced(rest, before > start ? before - (end - start) : before, 0, bytes.subarray(start, end))
    }
  }
}

/** Marker segments before and including the header of the scan: from their marker to the end of their data. */
function segmentsOf (bytes: Buffer): Array<{ start: number, end: number }> {
  const segments = []
  for (let at = 2; at + 4 <= bytes.length && bytes[at] === 0xff;) {
    const end = Math.min(bytes.length, at + 2 + bytes.readUInt16BE(at + 2))
    segments.push({ start: at, end })
    if (bytes[at + 1] === 0xda || end <= at + 4) break
    at = end
  }
  return segments
}

/** Offset of the entropy-coded data, or 0 if there is none. */
function scanOf (bytes: Buffer): number {
  const last = segmentsOf(bytes).at(-1)
  return last && bytes[last.start + 1] === 0xda ? last.end : 0
}

/** Offsets of the restart markers. */
function restartsOf (bytes: Buffer): number[] {
  const restarts = []
  for (let at = scanOf(bytes); at + 1 < bytes.length; at++) {
    if (bytes[at] === 0xff && bytes[at + 1]! >= 0xd0 && bytes[at + 1]! <= 0xd7) restarts.push(at)
  }
  return restarts
}

function position (part: number, from: number, to: number): number {
  return from + Math.floor(part * (to - from))
}

function withByte (bytes: Buffer, at: number, change: (value: number) => number): Buffer {
  const value = bytes[at]
  if (value === undefined) return bytes
  const result = Buffer.from(bytes)
  result[at] = change(value)
  return result
}

function spliced (bytes: Buffer, at: number, removed: number, added: Iterable<number> = []): Buffer {
  return Buffer.concat([bytes.subarray(0, at), Buffer.from([...added]), bytes.subarray(at + removed)])
}
