import { readFileSync, writeFileSync } from 'node:fs'

// `npm version` runs this. It gives the clients the version of the service.
const version = process.env['npm_package_version']
if (!version) throw new Error('npm_package_version is missing; run npm version')
for (const [file, pattern] of [['clients/python/pyproject.toml', /^version = ".+"$/m], ['clients/typescript/package.json', /^ {2}"version": ".+",$/m]]) {
  const text = readFileSync(file, 'utf8')
  if (!pattern.test(text)) throw new Error(`${file} has no line with a version`)
  writeFileSync(file, text.replace(pattern, line => line.replace(/".[^"]*"(,?)$/, `"${version}"$1`)))
}
