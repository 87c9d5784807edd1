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
    languageOptions: { globals: { requestAnimationFrame: 'readonly', matchMedia: 'readonly', HTMLInputElement: 'readonly' } }
  },
  {
    // AssemblyScript has integers of 64 bits.
    files: ['lib/pixels/simd/*.ts'],
    rules: { '@typescript-eslint/no-loss-of-precision': 'off' }
  },
  {
    // The house rule: imports run one way, server → app → plugins, routes → lib.
    files: ['lib/**/*.ts'],
    rules: {
      'no-restricted-imports': ['error', {
        patterns: [
          { regex: '^fastify$|^@fastify/(?!error$)', message: 'lib/ knows no HTTP.' },
          { regex: '/(plugins|routes|cli)/|/(app|server)\\.ts$', message: 'lib/ never imports upward.' }
        ]
      }]
    }
  },
  {
    files: ['routes/**/*.ts'],
    rules: {
      'no-restricted-imports': ['error', {
        patterns: [{ regex: '^\\./', message: 'Routes never import one another.' }]
      }]
    }
  }
]
