// Which layer may import which is checked by dependency-cruiser: see .dependency-cruiser.js.
import neostandard, { resolveIgnoresFromGitignore } from 'neostandard'

export default [
  { ignores: resolveIgnoresFromGitignore() },
  ...neostandard({ ts: true }),
  {
    files: ['**/*.ts'],
    rules: { '@typescript-eslint/no-explicit-any': 'error' }
  },
  {
    files: ['web/**/*.js'],
    languageOptions: { globals: { requestAnimationFrame: 'readonly', matchMedia: 'readonly', addEventListener: 'readonly', createImageBitmap: 'readonly', innerHeight: 'readonly', location: 'readonly', parent: 'readonly', ResizeObserver: 'readonly', XMLHttpRequest: 'readonly', HTMLInputElement: 'readonly' } }
  },
  {
    // AssemblyScript has integers of 64 bits.
    files: ['lib/pixels/simd/*.ts'],
    rules: { '@typescript-eslint/no-loss-of-precision': 'off' }
  }
]
