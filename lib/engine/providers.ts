import type { Config } from '../config.ts'
import { ConfigInvalid } from '../errors.ts'
import { messageOf } from '../message.ts'
import { WorkerPool } from './pool.ts'
import type { SessionOptions } from './session.ts'

/** The provider that ONNX Runtime always has, and gives each operator that no other provider takes. */
const CPU = 'cpu'

/** The provider whose sessions share one device object, which is not safe across threads: a second worker ends the process. */
const SINGLE = 'webgpu'

/** Page of the manual that says what a device needs. */
const MANUAL = 'docs/models.md#graphics-cards'

/** An ONNX model whose output y is its input x, float32 [1]: one Identity, opset 13. */
const PROBE = Buffer.from('CAgSADo3ChAKAXgSAXkiCElkZW50aXR5EgFnWg8KAXgSCgoICAESBAoCCAFiDwoBeRIKCggIARIECgIIAUIECgAQDQ==', 'base64')

/** What ONNX Runtime writes before some of its messages: the place in its source, and the condition that did not hold. */
const ASSERTION = /^\/\S+\.cc:\d+ .* was false\. /

/**
 * The execution providers that the settings name, each tried in a thread of its own on a model of one operator, so that a
 * driver or library that is missing is not taken for a fault of the model. The CPU comes last, whether it was named or not.
 *
 * @param settings EXECUTION_PROVIDERS holds names of `listSupportedBackends()` in the order of preference
 * @throws ConfigInvalid with one line, when the CPU comes before another, this build of ONNX Runtime does not have a
 *   provider, or the provider cannot be used on this machine or in so many workers. ONNX Runtime prints which library is
 *   missing
 * @see https://onnxruntime.ai/docs/execution-providers/
 */
export async function chooseProviders ({ EXECUTION_PROVIDERS: setting, WORKERS }: Pick<Config, 'EXECUTION_PROVIDERS' | 'WORKERS'>): Promise<string[]> {
  const names = [...new Set(setting.split(','))]
  const devices = names.filter(name => name !== CPU)
  const at = names.indexOf(CPU)
  if (at !== -1 && at < names.length - 1) {
    throw new ConfigInvalid(`EXECUTION_PROVIDERS=${setting} must name ${CPU} last, or not at all: the CPU takes every operator, and would leave none to ${names[at + 1]}`)
  }
  if (devices.includes(SINGLE) && WORKERS !== undefined && WORKERS > 1) {
    throw new ConfigInvalid(`WORKERS=${WORKERS} is too many for EXECUTION_PROVIDERS=${setting}: ${SINGLE} runs in one worker; set WORKERS=1, or leave it out`)
  }
  for (const device of devices) {
    try {
      await probe(device)
    } catch (error) {
      const reason = messageOf(error).replaceAll(/\s+/g, ' ').replace(ASSERTION, '').trim()
      throw new ConfigInvalid(`EXECUTION_PROVIDERS=${setting} cannot be used: ${reason}; see ${MANUAL}`)
    }
  }
  return [...devices, CPU]
}

async function probe (provider: string): Promise<void> {
  const options: SessionOptions = { model: PROBE, contract: { input: { kind: 'tensors' }, output: { kind: 'tensors' } }, threads: 1, providers: [provider] }
  const pool = await WorkerPool.open(options, 1)
  await pool.close()
}
