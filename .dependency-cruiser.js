// The layers of CONTRIBUTING.md: server → app → plugins, routes → wire → lib. `npm run lint` checks them here, and in
// .dependency-cruiser.start.js what a start loads.
// See https://github.com/sverweij/dependency-cruiser/blob/main/doc/rules-reference.md

/** A package by its name, where it is installed and where it cannot be found. */
const packages = names => `(^|node_modules/)(${names})(/|$)`

/** An import that is gone when TypeScript is compiled; it brings in the decorators of a plugin. */
const TYPE_ONLY = ['type-only', 'type-import']

const forbidden = [
  {
    name: 'no-circles',
    comment: 'Two modules that need each other are one module, or share a third. Imports of types count.',
    from: {},
    to: { circular: true }
  },
  {
    name: 'lib-never-imports-upward',
    comment: 'lib/ is the bottom layer: plain data in, plain data out.',
    from: { path: '^lib/' },
    to: { path: '^(wire|plugins|routes|cli)/|^(app|server)\\.ts$' }
  },
  {
    name: 'lib-knows-no-http',
    comment: '@fastify/error makes the classes of lib/errors.ts and needs no Fastify; nothing else of Fastify is allowed.',
    from: { path: '^lib/' },
    to: { path: packages('fastify|fastify-plugin|@fastify/(?!error(/|$))[^/]+') }
  },
  {
    name: 'tensor-imports-nothing',
    comment: 'Every part of lib/ may name a tensor, so lib/tensor.ts may need none of them.',
    from: { path: '^lib/tensor\\.ts$' },
    to: {}
  },
  {
    name: 'wire-imports-lib-alone',
    comment: 'wire/ is below plugins and routes.',
    from: { path: '^wire/' },
    to: { path: '^(plugins|routes|cli)/|^(app|server)\\.ts$' }
  },
  {
    name: 'plugins-and-routes-are-alone',
    comment: 'A plugin or a route imports wire, lib and packages. It reaches others through the decorators of the app, whose types it may import.',
    from: { path: '^(plugins|routes)/', pathNot: '^routes/dialects/[^/]+/' },
    to: { path: '^(plugins|routes|cli)/|^(app|server)\\.ts$', dependencyTypesNot: TYPE_ONLY }
  },
  {
    name: 'dialects-are-alone',
    comment: 'Each dialect can be taken out without touching another; what two of them need is in wire/. A dialect of several files is a folder.',
    from: { path: '^routes/dialects/([^/]+)' },
    to: { path: '^routes/dialects/', pathNot: '^routes/dialects/$1/' }
  },
  {
    name: 'files-of-a-dialect-are-alone',
    comment: 'As plugins-and-routes-are-alone, but for its own folder.',
    from: { path: '^routes/dialects/([^/]+)/' },
    to: { path: '^(plugins|routes|cli)/|^(app|server)\\.ts$', pathNot: '^routes/dialects/$1/', dependencyTypesNot: TYPE_ONLY }
  },
  {
    name: 'app-is-under-server',
    comment: 'app.ts registers; it neither reads the process nor answers the command line.',
    from: { path: '^app\\.ts$' },
    to: { path: '^cli/|^server\\.ts$' }
  },
  {
    name: 'server-imports-app',
    comment: 'What is served is listed in app.ts.',
    from: { path: '^server\\.ts$' },
    to: { path: '^(plugins|routes|cli)/' }
  },
  {
    name: 'cli-imports-lib-alone',
    comment: 'Commands answer without HTTP.',
    from: { path: '^cli/' },
    to: { path: '^(wire|plugins|routes)/|^app\\.ts$' }
  },
  {
    name: 'cli-starts-the-server-last',
    comment: '`servery start` imports server.ts dynamically: no other command loads it.',
    from: { path: '^cli/servery\\.ts$' },
    to: { path: '^server\\.ts$', dynamic: false }
  },
  {
    name: 'one-command-starts-the-server',
    comment: 'Only cli/servery.ts imports server.ts.',
    from: { path: '^cli/', pathNot: '^cli/servery\\.ts$' },
    to: { path: '^server\\.ts$' }
  },
  {
    name: 'no-development-packages',
    comment: 'What runs needs `dependencies` alone; `npm ci --omit=dev` installs nothing else.',
    from: {},
    to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'], dependencyTypesNot: TYPE_ONLY }
  },
  {
    name: 'no-unknown-imports',
    comment: 'An import that cannot be resolved would escape every rule above.',
    from: {},
    to: { couldNotResolve: true }
  }
]

/** Sources that are not TypeScript but AssemblyScript. */
export const NOT_TYPESCRIPT = '/simd/'

/** How imports are resolved: as Node.js does, to the sources. */
export const resolution = {
  doNotFollow: { path: 'node_modules' },
  tsConfig: { fileName: 'tsconfig.json' },
  enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'], extensions: ['.ts', '.js', '.d.ts'] }
}

export default {
  forbidden: forbidden.map(rule => ({ ...rule, severity: 'error' })),
  options: {
    ...resolution,
    exclude: { path: NOT_TYPESCRIPT },
    // Imports of types, too.
    tsPreCompilationDeps: true
  }
}
