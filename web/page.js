// The forms of the page work without this script. It answers them on the same page. Each kind of input has a form of its own,
// whose script is named after it. All that the page shows comes from the answers of the service.

import { kind } from './model.js'

document.documentElement.classList.add('js')

const form = await import(`./${kind}.js`).catch(() => null)
// Without the script of the form, the form works as it does without any.
if (form) {
  form.start()
  document.documentElement.classList.add('ready')
} else document.documentElement.classList.remove('js')
