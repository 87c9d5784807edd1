// How a program sends what the page has sent, in several languages.

import { key } from './ask.js'
import { element, quoted, shapeOf, shortened } from './format.js'
import { form, kind, model, service, status } from './model.js'

/** Longer JSON does not go into a program or on a command line: it comes from a file. */
const COMMAND_LIMIT_CHARACTERS = 2000

/** How long a button says "Copied". */
const COPIED_MS = 1500

const INPUT = 'input.json'

/** Stands for the picture in base64. */
const PICTURE = '<picture>'

const root = service.slice(0, -'/predict'.length)

/** JavaScript may not hold an integer with so many digits exactly. */
const LONG_INTEGER = /(^|[^.\d])\d{16}/

/** For each result: what was sent. For each element with code: its whole text. */
const questions = new WeakMap()
const texts = new WeakMap()

/** The language that the visitor has chosen last. */
let chosen = 'curl'

let panels = 0

/** JSON as Python writes it. Numbers stay as they are. */
const python = json => json.replaceAll(/"(?:[^"\\]|\\.)*"|true|false|null/g, word => ({ true: 'True', false: 'False', null: 'None' })[word] ?? word)

/** A text in single quotes of PowerShell, for which curly quotes are quotes, too. */
const forPowerShell = text => `'${text.replaceAll(/['‘’‚‛]/g, '$&$&')}'`

/** The name of a file in a form of curl, for which some characters have a meaning. */
const inForm = file => /[,;"\\]/.test(file) ? `"${file.replaceAll(/["\\]/g, String.raw`\$&`)}"` : file

const keyFor = key => key ? ` --header ${quoted(`authorization: Bearer ${key}`)}` : ''

const bytes = (name, value) => ({ name, datatype: 'BYTES', shape: [1], data: [value] })

/** For each kind of input: its tensors in the Open Inference Protocol. */
const TENSORS = {
  image: () => [bytes(form.dataset.tensor, PICTURE)],
  text: ({ text, text_pair: pair }) => [bytes(form.dataset.tensor, text), ...pair === undefined ? [] : [bytes('text_pair', pair)]],
  table: row => [...form.querySelectorAll('[name]')].map(({ name }, at) => {
    const value = row[at]
    const datatype = typeof value === 'boolean' ? 'BOOL' : typeof value === 'string' ? 'BYTES' : 'FP64'
    return { name, datatype, shape: [1], data: [value ?? 'NaN'] }
  }),
  tensors: ({ inputs }) => inputs && Object.entries(inputs).map(([name, data]) => ({ name, datatype: JSON.parse(form.dataset.types)[name], shape: shapeOf(data), data }))
}

/**
 * The languages: a name, and the code for `{ file, json, key }`: the name of a file, or else a JSON body, which is `undefined`
 * if it comes from the file input.json. A language that cannot send this has no code.
 */
const LANGUAGES = {
  curl: {
    name: 'curl',
    code: ({ file, json, key }) => `curl${file === undefined ? ` --json ${json === undefined ? `@${INPUT}` : quoted(json)}` : ` --form ${quoted(`file=@${inForm(file)}`)}`}${keyFor(key)} ${service}`
  },
  python: {
    name: 'Python',
    code: ({ file, json, key }) => {
      const post = given => `answer = requests.post(${JSON.stringify(service)}, ${given}, timeout=30)`
      const headers = fields => fields.length > 0 ? `, headers={${fields.join(', ')}}` : ''
      const auth = key ? [`"Authorization": ${JSON.stringify(`Bearer ${key}`)}`] : []
      const lines = json === undefined
        ? [`with open(${JSON.stringify(file ?? INPUT)}, "rb") as file:`, `    ${post(file === undefined ? `data=file${headers(['"Content-Type": "application/json"', ...auth])}` : `files={"file": file}${headers(auth)}`)}`]
        : [post(`json=${python(json)}${headers(auth)}`)]
      return ['# pip install requests', 'import requests', '', ...lines, 'print(answer.json())'].join('\n')
    }
  },
  client: {
    name: 'Python client',
    code: ({ file, json, key, whole }) => {
      let input = json === undefined ? `json.load(open("${INPUT}"))` : python(json)
      if (file !== undefined) input = JSON.stringify(file)
      else if (kind === 'tensors') {
        const { inputs } = JSON.parse(whole)
        if (!inputs || LONG_INTEGER.test(whole)) return
        input = json === undefined ? `${input}["inputs"]` : python(JSON.stringify(inputs))
      }
      return [
        `# How to install it: ${root}/docs/clients/python`,
        ...input.startsWith('json.load') ? ['import json'] : [], 'from servery_client import Client', '',
        `with Client(${JSON.stringify(root)}${key ? `, api_key=${JSON.stringify(key)}` : ''}) as client:`, `    print(client.predict(${input}))`
      ].join('\n')
    }
  },
  javascript: {
    name: 'JavaScript',
    code: ({ file, json, key }) => {
      const literal = json !== undefined && (LONG_INTEGER.test(json) ? JSON.stringify(json) : `JSON.stringify(${json})`)
      return [
        ...literal ? [] : ["import { readFile } from 'node:fs/promises'", ''],
        `const response = await fetch(${JSON.stringify(service)}, {`,
        "  method: 'POST',",
        `  headers: { 'content-type': '${file === undefined ? 'application/json' : 'application/octet-stream'}'${key ? `, authorization: ${JSON.stringify(`Bearer ${key}`)}` : ''} },`,
        `  body: ${literal || `await readFile(${JSON.stringify(file ?? INPUT)})`}`,
        '})',
        'console.dir(await response.json(), { depth: null })'
      ].join('\n')
    }
  },
  powershell: {
    name: 'PowerShell',
    code: ({ file, json, key }) => `Invoke-RestMethod ${service} -Method Post -ContentType '${file === undefined ? 'application/json; charset=utf-8' : 'application/octet-stream'}'${key ? ` -Headers @{ Authorization = ${forPowerShell(`Bearer ${key}`)} }` : ''} ${json === undefined ? `-InFile ${forPowerShell(file ?? INPUT)}` : `-Body ${forPowerShell(json)}`} | ConvertTo-Json -Depth 10`
  },
  inference: {
    name: 'Open Inference Protocol',
    code: ({ file, json, key, whole }) => {
      if (!model.infer || (file === undefined && json === undefined) || (kind === 'tensors' && LONG_INTEGER.test(whole))) return
      const tensors = TENSORS[kind](whole && JSON.parse(whole))
      if (!tensors) return
      const url = `${root}/${model.infer}`
      const text = JSON.stringify({ inputs: tensors })
      if (file === undefined) return `curl --json ${quoted(text)}${keyFor(key)} ${url}`
      const [before, after] = text.split(PICTURE)
      return `{ printf '%s' ${quoted(before)}\n  base64 < ${quoted(file)} | tr -d '\\n'\n  printf '%s' ${quoted(after)}\n} | curl --json @-${keyFor(key)} ${url}`
    }
  }
}

/** Makes the part "Use from code" of a result: it is drawn when it is opened, because a page may have hundreds of results. */
export function startCode (article) {
  article.querySelector('.use').addEventListener('toggle', () => draw(article))
  startCopying(article)
}

/** Says how a program sends the same: `{ file }`, the name of a file, or `{ json }`, the text of a JSON body. */
export function showCode (article, { file, json }, answer) {
  const whole = json === undefined || LONG_INTEGER.test(json) ? json : JSON.stringify(JSON.parse(json))
  questions.set(article, { file, whole, json: whole?.length > COMMAND_LIMIT_CHARACTERS ? undefined : whole, key: key?.value })
  put(article.querySelector('.json'), JSON.stringify(answer, null, 2))
  draw(article)
}

function draw (article) {
  const question = questions.get(article)
  if (!question || !article.querySelector('.use').open) return
  const codes = Object.entries(LANGUAGES).flatMap(([id, { name, code }]) => {
    const text = code(question)
    return text === undefined ? [] : [{ id, name, text }]
  })
  const list = article.querySelector('.tabs')
  const panel = article.querySelector('[role=tabpanel]')
  panel.id ||= `code-${++panels}`
  const select = ({ id, text }) => {
    chosen = id
    put(panel.querySelector('.snippet'), text)
    panel.querySelector('.snippet').className = `snippet ${id}`
    panel.setAttribute('aria-labelledby', `${panel.id}-${id}`)
    for (const tab of list.children) {
      const isChosen = tab.id === `${panel.id}-${id}`
      tab.setAttribute('aria-selected', String(isChosen))
      tab.tabIndex = isChosen ? 0 : -1
    }
  }
  list.replaceChildren(...codes.map(code => {
    const tab = element('button', { type: 'button', id: `${panel.id}-${code.id}`, textContent: code.name })
    tab.setAttribute('role', 'tab')
    tab.setAttribute('aria-controls', panel.id)
    tab.addEventListener('click', () => select(code))
    return tab
  }))
  list.onkeydown = ({ key }) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[key]
    if (!step) return
    const next = list.children[([...list.children].indexOf(document.activeElement) + step + codes.length) % codes.length]
    next.click()
    next.focus()
  }
  const isLong = question.file === undefined && question.json === undefined
  const save = panel.querySelector('.save')
  save.hidden = !isLong
  if (isLong) {
    save.onclick = () => {
      URL.revokeObjectURL(save.href)
      save.href = URL.createObjectURL(new Blob([question.whole], { type: 'application/json' }))
    }
  }
  select(codes.find(({ id }) => id === chosen) ?? codes[0])
}

/** Shows a text, or its beginning. It is copied as a whole. */
function put (code, text) {
  texts.set(code, text)
  code.textContent = shortened(text)
}

/** Lets the buttons "Copy" of a part of the page copy the code below them. */
function startCopying (part) {
  for (const button of part.querySelectorAll('.copy')) {
    button.addEventListener('click', async () => {
      const code = button.closest('.code').querySelector('code')
      const isCopied = await copy(texts.get(code), button)
      if (!isCopied) globalThis.getSelection().selectAllChildren(code)
      button.textContent = isCopied ? 'Copied' : 'Press Ctrl+C'
      status.textContent = isCopied ? 'Copied.' : 'The code is selected. Press Ctrl+C to copy it.'
      setTimeout(() => { button.textContent = 'Copy' }, COPIED_MS)
    })
  }
}

/** Copies a text. Browsers have no clipboard for pages that come over plain HTTP from another machine, but an old command. */
async function copy (text, button) {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    const field = document.body.appendChild(element('textarea', { value: text, className: 'visually-hidden' }))
    field.select()
    const isCopied = document.execCommand('copy')
    field.remove()
    button.focus()
    return isCopied
  }
}
