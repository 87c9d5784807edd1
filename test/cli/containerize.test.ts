import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import dockerignore from '@balena/dockerignore'
import t from 'tap'
import { projectFile } from '../../lib/project.ts'
import { echoModel, modelFolder } from '../fixtures/model.ts'
import { servery } from './servery.ts'

/** The files that a build would see: those of a folder that its `.dockerignore` lets through. */
function contextOf (folder: string): string[] {
  const ignored = dockerignore.default().add(readFileSync(join(folder, '.dockerignore'), 'utf8'))
  return readdirSync(folder, { recursive: true, withFileTypes: true }).filter(entry => entry.isFile()).map(entry => join(entry.parentPath, entry.name).slice(folder.length + 1)).filter(path => !ignored.ignores(path)).sort()
}

/** Copies what the image would hold to another folder, where `servery check` finds the same model as the service in the image. */
async function checkImage (t: Parameters<typeof modelFolder>[0], folder: string): Promise<Awaited<ReturnType<typeof servery>>> {
  const dockerfile = readFileSync(join(folder, 'Dockerfile'), 'utf8')
  const [, from = '', to = ''] = /^COPY --chmod=755 (\S+) (\S+)$/m.exec(dockerfile) ?? []
  // A second t.testdir() would take the first one away.
  const root = mkdtempSync(join(tmpdir(), 'servery-image-'))
  t.teardown(() => { rmSync(root, { recursive: true }) })
  for (const path of contextOf(folder)) {
    const target = join(root, to, from === '.' ? path : path.slice(from.length + 1))
    mkdirSync(dirname(target), { recursive: true })
    cpSync(join(folder, path), target)
  }
  const path = JSON.parse(/MODEL_PATH=(".*")/.exec(dockerfile)?.[1] ?? '""')
  return await servery(['check', join(root, path)])
}

t.test('the image holds the files of the model, and nothing that only lies beside them', async t => {
  const folder = modelFolder(t)
  for (const [name, text] of [['train.csv', 'secret'], ['.env', 'TOKEN=secret'], ['labels.txt', 'wide\nhigh'], ['README.md', '# Echo\n![curve](curve.png) ![far](https://example.org/a.png)'], ['curve.png', 'png'], ['other.png', 'no']] as const) writeFileSync(join(folder, name), text)
  const { code, stdout, stderr } = await servery(['containerize', folder])
  t.equal(code, 0, stderr)
  t.equal(stdout, `${join(folder, 'Dockerfile')}\n${join(folder, '.dockerignore')}\n`)
  t.match(stderr, /^Build it: {2}docker build --tag echo .*\nRun it: {4}docker run --init --publish 8000:8000 echo\n$/)
  t.same(contextOf(folder), ['README.md', 'card.json', 'curve.png', 'labels.txt', 'model.onnx'])
  t.match(await checkImage(t, folder), { code: 0, stdout: /^echo 1: in order/ })
})

t.test('the image has this version of the package, a user without rights, and a health check', async t => {
  const folder = modelFolder(t)
  await servery(['containerize', folder])
  const dockerfile = readFileSync(join(folder, 'Dockerfile'), 'utf8')
  const { version, bin } = JSON.parse(readFileSync(projectFile('package.json'), 'utf8'))
  t.match(dockerfile, `ARG SERVERY=servery@${version}\n`)
  t.match(dockerfile, `ENTRYPOINT ["node", "node_modules/servery/${bin.servery}"]\nCMD ["serve"]\n`)
  t.match(dockerfile, /^USER 10001:10001$/m)
  // The same as that of the project's own image.
  const [own = 'missing'] = /^HEALTHCHECK[^]*?\]$/m.exec(readFileSync(projectFile('Dockerfile'), 'utf8')) ?? []
  t.ok(dockerfile.includes(own), 'the health check')
  for (const line of dockerfile.split('\n')) t.match(line, /^$|^#|^ {4}|^(ARG|FROM|WORKDIR|RUN|COPY|ENV|USER|EXPOSE|HEALTHCHECK|ENTRYPOINT|CMD) /)
})

t.test('a file that is there stays, unless --force is given', async t => {
  const folder = modelFolder(t)
  writeFileSync(join(folder, 'Dockerfile'), 'FROM mine\n')
  t.match(await servery(['containerize', folder]), { code: 1, stderr: `servery: ${join(folder, 'Dockerfile')} is there; replace it with --force, or write to another folder with --out DIR\n` })
  t.equal(readFileSync(join(folder, 'Dockerfile'), 'utf8'), 'FROM mine\n')
  t.notOk(existsSync(join(folder, '.dockerignore')))
  t.match(await servery(['containerize', folder, '--force']), { code: 0 })
})

t.test('a file among others is served by its own name', async t => {
  const folder = t.testdir({})
  for (const name of ['wine [1].onnx', 'beer.onnx']) writeFileSync(join(folder, name), echoModel)
  const { code, stderr } = await servery(['containerize', join(folder, 'wine [1].onnx')])
  t.equal(code, 0, stderr)
  t.same(contextOf(folder), ['wine [1].onnx'])
  t.match(readFileSync(join(folder, 'Dockerfile'), 'utf8'), 'MODEL_PATH="/models/wine-1/wine [1].onnx" \\\n    SERVED_NAME=wine-1\n')
  t.match(await checkImage(t, folder), { code: 0 })
})

t.test('--out makes a folder with a copy of the model', async t => {
  const out = join(t.testdir({}), 'image')
  t.match(await servery(['containerize', '--model-name', 'tensorfood', '--out', out]), { code: 0, stdout: `${join(out, 'Dockerfile')}\n${join(out, '.dockerignore')}\n` })
  const context = contextOf(out)
  for (const file of ['card.json', 'model.onnx', 'README.md', 'samples/chips.png']) t.ok(context.includes(`model/${file}`), file)
  t.notOk(context.some(path => path.endsWith('.py')))
  t.match(await checkImage(t, out), { code: 0, stdout: /^tensorfood / })
})

t.test('a model must be named, and what is no folder needs --out', async t => {
  t.match(await servery(['containerize']), { code: 2, stderr: 'servery: name the model: servery containerize wine.onnx\n' })
  t.match(await servery(['containerize', 'a.zip']), { code: 2, stderr: /a\.zip is an archive; say with --out DIR where to put a copy of the model\n$/ })
})
