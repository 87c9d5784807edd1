import t from 'tap'
import { isOn, mergeConfigs, parseConfig, remoteOf } from '../../../../lib/sources/dvc/config.ts'
import { Final } from '../../../../lib/sources/source.ts'

const resolve = (path: string) => `/repository/.dvc/${path}`

/** As `dvc remote add` and `dvc remote modify` of DVC 3.67 write it. */
const CONFIG = `[core]
    analytics = false
    remote = store
['remote "store"']
    url = ../../store3
['remote "my.Store"']
    url = s3://bucket/some/prefix
    endpointurl = http://127.0.0.1:9000
    version_aware = true
`

const LOCAL = `['remote "my.store"']
    access_key_id = AKIA
    secret_access_key = 'a#b "c" = d'
    session_token = '''a'b"c'''
    profile = "it's, me"
`

t.test('remotes have their settings, and names with dots', t => {
  const config = parseConfig(CONFIG, resolve)
  t.equal(config.defaultRemote, 'store')
  t.equal(config.cache, null)
  t.match(remoteOf(config, null), { name: 'store', url: '/repository/.dvc/../../store3' })
  const { name, url, settings } = remoteOf(config, 'My.Store')
  t.same([name, url, settings.get('endpointurl'), isOn(settings.get('version_aware'))], ['my.store', 's3://bucket/some/prefix', 'http://127.0.0.1:9000', true])
  t.end()
})

t.test('a later configuration comes before an earlier one, setting by setting', t => {
  const merged = mergeConfigs([parseConfig(CONFIG, resolve), parseConfig(`${LOCAL}[cache]\ndir = ../cache\n[core]\nremote = my.store\n`, resolve)])
  const { url, settings } = remoteOf(merged, null)
  t.equal(url, 's3://bucket/some/prefix')
  t.match(Object.fromEntries(settings), { access_key_id: 'AKIA', secret_access_key: 'a#b "c" = d', session_token: 'a\'b"c', profile: "it's, me" })
  t.equal(merged.cache, '/repository/.dvc/../cache')
  t.end()
})

t.test('comments, quotes, spaces and other ends of lines are as ConfigObj reads them', t => {
  const { remotes } = parseConfig('# comment\r\n[\'remote "a"\']\r\n  url = "https://there/x" # why\r\n  user = me # why\r\n  # password = no\r\n  empty =\r\n[remote "b"]\nurl=https://b', resolve)
  t.same([...remotes.get('a') ?? []], [['url', 'https://there/x'], ['user', 'me'], ['empty', '']])
  t.equal(remotes.get('b')?.get('url'), 'https://b')
  t.end()
})

t.test('a remote may refer to another, but not to itself', t => {
  const config = parseConfig('[\'remote "a"\']\nurl = https://there/x/\nuser = me\n[\'remote "b"\']\nurl = remote://A/y\nuser = you\n[\'remote "c"\']\nurl = remote://c/z', resolve)
  const { name, url, settings } = remoteOf(config, 'b')
  t.same([name, url, settings.get('user')], ['b', 'https://there/x/y', 'you'])
  t.throws(() => remoteOf(config, 'c'), new Final('more than 8 remotes refer to one another (remote://)'))
  t.end()
})

t.test('without a default remote the only one counts, and otherwise the message says what to do', t => {
  t.equal(remoteOf(parseConfig('[\'remote "a"\']\nurl = https://a', resolve), null).name, 'a')
  t.throws(() => remoteOf(parseConfig('[\'remote "a"\']\nurl = https://a\n[\'remote "b"\']\nurl = https://b', resolve), null), { constructor: Final, message: /several remotes and no default one/ })
  t.throws(() => remoteOf(parseConfig('', resolve), null), { constructor: Final, message: /names no remote; add one/ })
  t.throws(() => remoteOf(parseConfig(CONFIG, resolve), 'lost'), { constructor: Final, message: /no remote "lost" with a url/ })
  t.end()
})

t.test('what is no configuration sets nothing', t => {
  for (const text of ['<html><body>=</body>', '[', ']=', '=\n=\n', '\0', '[[[a]]]\nb=c', '[\'remote "__proto__"\']\n__proto__ = 1']) {
    t.equal(parseConfig(text, resolve).defaultRemote, null, text)
  }
  t.equal(parseConfig(`${'\n'.repeat(10_001)}[core]\nremote = a`, resolve).defaultRemote, null, 'after 10,000 lines')
  t.end()
})
