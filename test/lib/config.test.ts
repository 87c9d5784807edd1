import t from 'tap'
import { dialectsOf, loadConfig } from '../../lib/config.ts'

t.test('nothing must be set', async t => {
  t.match(loadConfig({}), { HOST: '0.0.0.0', PORT: 8000, MODEL_NAME: 'tensorfood', TOP_K: 5, LOG_LEVEL: 'info' })
})

t.test('values are typed, empty ones count as not set, unknown ones are ignored', async t => {
  t.match(loadConfig({ PORT: '9000', WORKERS: '', PATH: '/bin' }), { PORT: 9000, WORKERS: undefined, PATH: undefined })
})

t.test('a bad value stops start-up with one line that names the variable', async t => {
  const message = (environment: NodeJS.ProcessEnv) => {
    try {
      loadConfig(environment)
      return 'no error'
    } catch (error) {
      return error instanceof Error ? error.message : ''
    }
  }
  t.equal(message({ PORT: 'http' }), 'PORT=http must be integer')
  t.equal(message({ QUEUE_LIMIT: '0' }), 'QUEUE_LIMIT=0 must be >= 1')
  t.match(message({ LOG_LEVEL: 'loud' }), /^LOG_LEVEL=loud must be .*: fatal, error, warn, info/)
  t.match(message({ MODEL_NAME: '../etc' }), /^MODEL_NAME=\.\.\/etc must match pattern/)
})

t.test('execution providers are named in lower case, and the CPU is the default', async t => {
  t.equal(loadConfig({}).EXECUTION_PROVIDERS, 'cpu')
  t.equal(loadConfig({ EXECUTION_PROVIDERS: 'cuda,cpu' }).EXECUTION_PROVIDERS, 'cuda,cpu')
  for (const wrong of ['CUDA', 'cuda cpu', 'cuda,,cpu', 'cuda,']) t.throws(() => loadConfig({ EXECUTION_PROVIDERS: wrong }), { message: /^EXECUTION_PROVIDERS=.* must match pattern/ }, wrong)
})

t.test('names of other systems stand for a setting, unless the setting itself is there', async t => {
  t.match(loadConfig({ PRED_MODEL_PATH: '/models/pasta', PRED_MODEL_UUID: '0a1b' }), { MODEL_PATH: '/models/pasta', MODEL_VERSION: '0a1b' })
  t.match(loadConfig({ PRED_MODEL_PATH: '/models/pasta', MODEL_PATH: '/models/rice' }), { MODEL_PATH: '/models/rice' })
  t.throws(() => loadConfig({ PRED_MODEL_UUID: 'a b' }), { message: /^PRED_MODEL_UUID=a b must match pattern/ })
  t.equal(loadConfig({ CORS_ENABLE: 'true' }).CORS_ORIGINS, '*')
  t.equal(loadConfig({ CORS_ENABLE: 'False' }).CORS_ORIGINS, undefined)
  t.equal(loadConfig({ CORS_ENABLE: 'true', CORS_ORIGINS: 'https://a.example' }).CORS_ORIGINS, 'https://a.example')
  t.throws(() => loadConfig({ CORS_ENABLE: 'yes' }), { message: 'CORS_ENABLE=yes must be true or false' })
})

t.test('dialects are all of them, a list, or none', async t => {
  t.same(dialectsOf(loadConfig({})), ['v2', 'v1', 'max', 'kapitan'])
  t.same(dialectsOf(loadConfig({ DIALECTS: '' })), ['v2', 'v1', 'max', 'kapitan'])
  t.same(dialectsOf(loadConfig({ DIALECTS: 'max,v2' })), ['v2', 'max'])
  t.same(dialectsOf(loadConfig({ DIALECTS: 'none' })), [])
  t.throws(() => loadConfig({ DIALECTS: 'v3' }), { message: /^DIALECTS=v3 must match pattern/ })
})

t.test('a secret is not repeated when it is wrong', async t => {
  t.throws(() => loadConfig({ API_KEYS: 'laboratory:hush' }), { message: /^API_KEYS=… must match pattern/ })
  t.throws(() => loadConfig({ API_KEYS: 'a key without a name' }), { message: /^API_KEYS=… must match pattern/ })
  t.throws(() => loadConfig({ MODEL_URL: 'ftp://me:hush@storage.example/?signature=hush' }), { message: /^MODEL_URL=… must match pattern/ })
  t.throws(() => loadConfig({ MODEL_TOKEN: 'hush\nhush' }), { message: /^MODEL_TOKEN=… must match pattern/ })
})

t.test('variables that sources read go with the configuration, and no others', async t => {
  t.same(loadConfig({ XDG_CACHE_HOME: '/var/cache', PATH: '/bin' }).environment, { XDG_CACHE_HOME: '/var/cache' })
  t.throws(() => { (loadConfig({}).environment as { PATH: string }).PATH = '/bin' }, TypeError)
})

t.test('the configuration is frozen', async t => {
  t.throws(() => { (loadConfig({}) as { PORT: number }).PORT = 1 }, TypeError)
})

t.test('EMBED_ORIGINS takes origins, and nothing that would add a rule to the policy', async t => {
  for (const value of ['*', 'https://shop.example', 'https://*.shop.example,http://localhost:3000', 'http://[::1]:8080']) t.equal(loadConfig({ EMBED_ORIGINS: value }).EMBED_ORIGINS, value)
  for (const value of ['shop.example', 'https://shop.example/page', 'https://a.example; script-src *', "https://a.example 'unsafe-inline'", 'https://a.example,']) {
    t.throws(() => loadConfig({ EMBED_ORIGINS: value }), { message: /^EMBED_ORIGINS=/ }, value)
  }
})
