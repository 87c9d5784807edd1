// The form for pictures: several at once, by choosing, dropping, pasting or with a camera.

import { ask } from './ask.js'
import { acceptDrops } from './drop.js'
import { form, results } from './model.js'
import { fail, fill, newResult } from './result.js'

async function classifyPicture (file) {
  const body = new FormData()
  body.append('file', file)
  const article = newResult(() => [body])
  const image = article.querySelector('img')
  image.src = URL.createObjectURL(file)
  image.alt = `Your picture ${file.name}`
  // The service reads some formats that this browser does not.
  image.addEventListener('error', () => { image.hidden = true })
  article.querySelector('figcaption').textContent = file.name
  results.prepend(article)
  document.querySelector('#empty').hidden = true
  try {
    fill(article, await ask('predict', body), { file: file.name })
  } catch (error) {
    fail(article, error)
  }
}

/** Answers the form of pictures on the same page. */
export function start () {
  const classifyAll = files => { for (const file of files) classifyPicture(file) }
  const inputs = [form.querySelector('#file'), form.querySelector('#camera')]
  inputs[0].multiple = true
  for (const input of inputs) {
    input.addEventListener('change', () => {
      classifyAll(input.files)
      input.value = ''
    })
  }
  if (matchMedia('(pointer: coarse)').matches) form.querySelector('.camera').hidden = false
  acceptDrops(form.querySelector('.drop'), classifyAll)
  document.addEventListener('paste', event => classifyAll(event.clipboardData.files))
  for (const sample of document.querySelectorAll('.sample')) {
    sample.addEventListener('click', async () => {
      const blob = await (await fetch(sample.querySelector('img').src)).blob()
      classifyPicture(new File([blob], sample.dataset.file, { type: blob.type }))
    })
  }
}
