// The form for plain tensors: a field for JSON, which can also come from a file. The page's script hands on what it needs.

/** Larger JSON does not go on a command line. */
const COMMAND_LIMIT_CHARACTERS = 2000

/** Answers the form of plain tensors on the same page. */
export function start ({ form, results, ask, newResult, fill, fail, acceptDrops, quoted, service }) {
  const field = form.querySelector('#json')
  const headers = { 'content-type': 'application/json' }

  async function answer () {
    const json = field.value
    const article = newResult(() => [json, headers])
    results.replaceChildren(article)
    document.querySelector('#empty').hidden = true
    const data = json.length <= COMMAND_LIMIT_CHARACTERS ? quoted(json) : '@input.json'
    try {
      fill(article, await ask('predict', json, headers), `curl --json ${data} ${service}`)
    } catch (error) {
      fail(article, error)
    }
  }

  async function open (file) {
    if (!file) return
    field.value = await file.text()
    await answer()
  }

  form.addEventListener('submit', event => {
    event.preventDefault()
    answer()
  })
  const picker = form.querySelector('#file')
  picker.addEventListener('change', () => {
    open(picker.files[0])
    picker.value = ''
  })
  acceptDrops(form, ([first]) => open(first))
}
