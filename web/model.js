// What the page says about the model, and the parts of the page that all forms share.

export const form = document.querySelector('#ask')

export const results = document.querySelector('#results')

/** What screen readers hear when it changes. */
export const status = document.querySelector('#status')

/** `name`: the model and its version. `output`: the kind of answer. `columns`: the columns that an answer adds to CSV. `explains`: whether "Why?" works.
 * `infer`: the path of the Open Inference Protocol, where the service speaks it. */
export const model = document.querySelector('#model').dataset

export const { kind, labelKey } = form.dataset

export const isValue = model.output === 'value'

/** The address of `/predict`, as programs call it. */
export const service = new URL('predict', document.baseURI).href
