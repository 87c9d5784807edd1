import t from 'tap'
import { checkHost, isAtLeast, lookupFrom, networkOf, networkOfPeer } from '../../../lib/sources/network.ts'

t.test('every form of an address leads where the address does', async t => {
  for (const [network, addresses] of Object.entries({
    'link-local': [
      '169.254.169.254', '169.254.0.1', '::ffff:169.254.169.254', '::ffff:a9fe:a9fe', '64:ff9b::a9fe:a9fe', '::a9fe:a9fe', 'fe80::1', 'fe80::1%eth0', 'febf::1',
      'fd00:ec2::254', '100.100.100.200', '168.63.129.16', '192.0.0.192', 'localhost', ''
    ],
    loopback: ['127.0.0.1', '127.8.9.10', '0.0.0.0', '0.1.2.3', '::1', '::', '::ffff:127.0.0.1', '::ffff:7f00:1', '64:ff9b::7f00:1', '[::1]'],
    private: [
      '10.0.0.5', '172.16.0.1', '172.31.255.255', '192.168.1.1', '100.64.0.1', '198.18.0.1', '224.0.0.1', '255.255.255.255', 'fc00::1', 'fdff::1', 'fec0::1', 'ff02::1',
      '::ffff:10.0.0.1', '64:ff9b::a00:1', '2002:7f00:1::1', '2001::7f00:1', '64:ff9b:1::7f00:1', '::ffff:0:7f00:1'
    ],
    public: ['1.1.1.1', '172.32.0.1', '172.15.0.1', '100.128.0.1', '169.253.0.1', '11.0.0.1', '2606:4700::1111', '::ffff:1.1.1.1', '64:ff9b::101:101', '2001:4860:4860::8888']
  })) {
    for (const address of addresses) t.equal(networkOf(address), network, address)
  }
})

t.test('a server whose connection is gone leads nowhere but to public addresses', async t => {
  t.equal(networkOfPeer(undefined), 'public')
  t.equal(networkOfPeer('127.0.0.1'), 'loopback')
})

t.test('a network is at least as public as itself and as those before it', async t => {
  t.ok(isAtLeast('public', 'private'))
  t.ok(isAtLeast('private', 'private'))
  t.notOk(isAtLeast('loopback', 'private'))
  t.notOk(isAtLeast('link-local', 'loopback'))
})

t.test('a host that is an address is checked in the form that URLs write it in', async t => {
  for (const host of ['127.0.0.1', '2130706433', '0x7f.1', '0177.0.0.1', '[::1]', '[::ffff:127.0.0.1]']) {
    t.throws(() => checkHost(new URL(`http://${host}/`), 'private'), { message: /is a loopback address/ }, host)
    t.doesNotThrow(() => checkHost(new URL(`http://${host}/`), 'loopback'), host)
  }
  t.throws(() => checkHost(new URL('http://169.254.169.254/latest'), 'loopback'), { message: /which no model may come from/ })
  t.doesNotThrow(() => checkHost(new URL('http://localhost/'), 'public'), 'a name is looked up')
})

t.test('a look-up gives only addresses that may be reached', async t => {
  const find = async (name: string, floor: Parameters<typeof lookupFrom>[0], options: { all?: boolean, family?: 4 | 6 } = {}) => {
    return await new Promise((resolve, reject) => {
      lookupFrom(floor)(name, options, (error, address, family) => error ? reject(error) : resolve(options.all ? address : { address, family }))
    })
  }
  t.match(await find('127.0.0.1', 'loopback'), { address: '127.0.0.1', family: 4 })
  t.same(await find('127.0.0.1', 'loopback', { all: true }), [{ address: '127.0.0.1', family: 4 }])
  t.match(await find('localhost', 'loopback'), { address: /^(127\.0\.0\.1|::1)$/ })
  await t.rejects(find('localhost', 'private'), { message: /^localhost is a loopback address, to which a redirect/ })
  await t.rejects(find('169.254.169.254', 'loopback', { all: true }), { message: /cloud metadata/ })
  await t.rejects(find('nowhere.invalid', 'loopback'), { code: /ENOTFOUND|EAI_AGAIN/ })
})
