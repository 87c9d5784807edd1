import { readFileSync, writeFileSync } from 'node:fs'

// `npm version` runs this. It moves the changes under [Unreleased] to the new version, with today's date.
const version = process.env['npm_package_version']
const changelog = readFileSync('CHANGELOG.md', 'utf8')
const [heading] = /^## \[Unreleased\]\n+(?=[^#\n]|###)/m.exec(changelog) ?? []
if (!version || !heading) throw new Error('CHANGELOG.md has nothing under [Unreleased] to release')
writeFileSync('CHANGELOG.md', changelog.replace(heading, `## [Unreleased]\n\n## [${version}] - ${new Date().toISOString().slice(0, 10)}\n\n`))
