import { execFileSync, spawnSync } from 'node:child_process'
import { writeFileSync, chmodSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { candidates } from '../../cli/completion.ts'
import { projectFile } from '../../lib/project.ts'
import { servery } from './servery.ts'

t.test('commands, flags and their values are completed', async t => {
  for (const [words, found] of [
    [['pre'], ['predict']],
    [['predict', '--f'], ['--format']],
    [['predict', '--format', ''], ['table', 'json', 'csv']],
    [['predict', '--format', 'c'], ['csv']],
    [['--model-name', 'i'], ['iris']],
    [['serve', '--log-level=w'], ['--log-level=warn']],
    [['start', '--max'], ['--max-batch']],
    [['--versi'], ['--version']],
    [['completion', 'p'], ['powershell']],
    // The shell completes the names of files.
    [['predict', 'photo'], []],
    [['./wi'], []],
    [['--model-path', ''], []],
    [['evaluate', '--out', ''], []]
  ] as const) t.same(await candidates(words), found, words.join(' '))
  t.ok((await candidates([''])).includes('containerize'))
  t.ok((await candidates([])).includes('serve'))
  // PowerShell sends a blank for an empty word.
  t.same(await candidates(['predict', '--format', ' ']), ['table', 'json', 'csv'])
})

t.test('a shell that is not known is refused', async t => {
  t.match(await servery(['completion', 'tcsh']), { code: 2, stdout: '', stderr: 'servery: name the shell: servery completion bash | zsh | fish | powershell\n' })
  t.match(await servery(['completion']), { code: 2 })
  t.match(await servery(['completion', 'bash', 'zsh']), { code: 2, stdout: '', stderr: "servery: there is one shell, and 'zsh' is one too many\n" })
  for (const shell of ['zsh', 'fish', 'powershell']) t.match(await servery(['completion', shell]), { code: 0, stdout: /servery completion -- / })
})

const hasBash = spawnSync('bash', ['--version']).status === 0

t.test('bash completes with the script', { skip: !hasBash && 'there is no bash' }, async t => {
  const { stdout } = await servery(['completion', 'bash'])
  const folder = t.testdir()
  const command = join(folder, 'servery')
  writeFileSync(command, `#!/bin/sh\nexec '${process.execPath}' '${projectFile('dist/cli/servery.js')}' "$@"\n`)
  chmodSync(command, 0o755)
  const found = (words: string[]) => execFileSync('bash', ['-c', `${stdout}\nCOMP_WORDS=(servery "$@"); COMP_CWORD=$#; _servery; printf '%s\\n' "\${COMPREPLY[@]}"`, 'bash', ...words], {
    encoding: 'utf8', env: { ...process.env, PATH: `${folder}:${process.env['PATH']}` }
  }).split('\n').filter(Boolean)
  t.same(found(['con']), ['containerize'])
  t.same(found(['predict', '--format', '']), ['table', 'json', 'csv'])
  t.same(found(['predict', 'photo']), [])
})
