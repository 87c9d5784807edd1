import t from 'tap'
import { SOURCE_VARIABLES, sourceVariables } from '../../../lib/sources/variables.ts'

t.test('what is set and known is picked, and frozen', async t => {
  const picked = sourceVariables({ XDG_CACHE_HOME: '/var/cache', PATH: '/bin' })
  t.same(picked, { XDG_CACHE_HOME: '/var/cache' })
  t.ok(Object.isFrozen(picked))
  t.same(sourceVariables({ XDG_CACHE_HOME: '' }), {}, 'an empty one is not set')
})

t.test('each variable says what it is for', async t => {
  for (const [name, description] of Object.entries(SOURCE_VARIABLES)) t.match(description, /^\S.*[^.]$/, name)
})
