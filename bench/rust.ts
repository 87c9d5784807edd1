import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { globSync } from 'glob'
import { projectFile } from '../lib/project.ts'

/** Where Cargo builds. CMake writes files there whose names end with .ts, so that it must be where TypeScript does not look. */
const TARGET = projectFile('node_modules/.cache/rust-peer')

/** The program that Cargo makes of bench/peers/rust. */
export const RUST_PROGRAM = join(TARGET, 'release/rust-peer')

/** What the build needs: libjpeg-turbo takes CMake, and nasm for its SIMD. */
const TOOLS = ['cargo', 'cmake', 'nasm']

/** Builds the peer in Rust, or finds it built. Returns why it cannot, or `null`. Cargo says what it does on the standard error. */
export function buildRust (): string | null {
  const missing = TOOLS.filter(tool => spawnSync(tool, ['--version']).error !== undefined)
  if (missing.length > 0) return `it needs ${missing.join(' and ')}`
  const build = ['build', '--release', '--quiet', '--manifest-path', projectFile('bench/peers/rust/Cargo.toml'), '--target-dir', TARGET]
  const { status } = spawnSync('cargo', build, { stdio: ['ignore', 'ignore', 'inherit'] })
  return status === 0 ? null : 'its build failed'
}

/** The library of ONNX Runtime that Servery loads, too. */
export function runtimeLibrary (): string {
  const [path] = globSync(`node_modules/onnxruntime-node/bin/napi-*/${process.platform}/${process.arch}/libonnxruntime.*`, { cwd: projectFile('.'), absolute: true })
  if (path === undefined) throw new Error('onnxruntime-node has no library for this machine')
  return path
}
