import { existsSync } from 'node:fs'
import { listSupportedBackends } from 'onnxruntime-node'
import t from 'tap'
import { chooseProviders } from '../../../lib/engine/providers.ts'
import { start } from '../../e2e/process.ts'
import { picture } from '../../fixtures/expected.ts'

t.test('the CPU comes last, whether it is named or not', async t => {
  for (const setting of ['cpu', 'cpu,cpu']) t.same(await chooseProviders({ EXECUTION_PROVIDERS: setting }), ['cpu'], setting)
  await t.rejects(chooseProviders({ EXECUTION_PROVIDERS: 'cpu,cuda' }), {
    code: 'SRV_CONFIG_INVALID',
    message: 'EXECUTION_PROVIDERS=cpu,cuda must name cpu last, or not at all: the CPU takes every operator, and would leave none to cuda'
  })
})

t.test('a name that this build of ONNX Runtime lacks stops the start with a line that names what it has', async t => {
  const names = listSupportedBackends().map(({ name }) => name)
  t.ok(names.includes('cpu'))
  for (const setting of ['abacus', 'abacus,cpu']) {
    await t.rejects(chooseProviders({ EXECUTION_PROVIDERS: setting }), {
      code: 'SRV_CONFIG_INVALID',
      message: `EXECUTION_PROVIDERS=${setting} cannot be used: this build of ONNX Runtime has no 'abacus', but ${names.join(', ')}; see docs/models.md#graphics-cards`
    })
  }
})

// The package does not bundle their libraries.
for (const { name } of listSupportedBackends().filter(({ bundled }) => !bundled)) {
  t.test(`without its libraries, ${name} stops the start with one line`, async t => {
    await t.rejects(chooseProviders({ EXECUTION_PROVIDERS: name }), {
      code: 'SRV_CONFIG_INVALID', message: new RegExp(`^EXECUTION_PROVIDERS=${name} cannot be used: .+; see docs/models.md#graphics-cards$`)
    })
  })
}

t.test('WebGPU is refused in several workers, which would end the process', async t => {
  await t.rejects(chooseProviders({ EXECUTION_PROVIDERS: 'webgpu', WORKERS: 2 }), { code: 'SRV_CONFIG_INVALID', message: /^WORKERS=2 is too many .* set WORKERS=1/ })
})

/** Chromium brings a driver that runs shaders on the CPU. */
const CHROMIUM = '/usr/lib/chromium'
const hasDriver = existsSync(`${CHROMIUM}/vk_swiftshader_icd.json`) && existsSync(`${CHROMIUM}/libvulkan.so.1`) && listSupportedBackends().some(({ name }) => name === 'webgpu')

t.test('a model runs on WebGPU in one worker, with the answers of the CPU', { skip: !hasDriver && 'there is no driver that runs shaders on the CPU' }, async t => {
  const { url, lines, stop } = await start(t, {
    EXECUTION_PROVIDERS: 'webgpu', MODEL_NAME: 'fashion-mnist', LD_LIBRARY_PATH: CHROMIUM, VK_ICD_FILENAMES: `${CHROMIUM}/vk_swiftshader_icd.json`
  })
  const { service } = await (await fetch(`${url}/info`)).json()
  t.match(service, { 'execution-providers': ['webgpu', 'cpu'], workers: 1 })
  t.ok(lines.some(({ msg, providers }) => msg === 'Model loaded and warm' && String(providers) === 'webgpu,cpu'))
  const { url: other } = await start(t, { MODEL_NAME: 'fashion-mnist', WORKERS: '1' })
  const [device, cpu] = await Promise.all([url, other].map(async url => {
    const response = await fetch(`${url}/predict`, { method: 'POST', headers: { 'content-type': 'image/png' }, body: picture('rgb.png') })
    return await response.json()
  }))
  t.equal(device.index, cpu.index)
  for (const [at, { probability }] of cpu.top.entries()) t.ok(Math.abs(device.top[at].probability - probability) <= 1e-4, `${at}`)
  t.equal(await stop(), 0)
})
