import t from 'tap'
import { identityOf } from '../../../lib/sources/identity.ts'

const identity = (address: string, environment = {}) => identityOf(address, environment)

t.test('a signature makes no other model of a URL, and any other parameter does', async t => {
  const url = 'https://models.example.com/download'
  for (const signature of [
    'X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Date=20260101T000000Z&X-Amz-Signature=0a', 'X-Goog-Signature=1', 'Expires=1&Signature=2&Key-Pair-Id=3', 'AWSAccessKeyId=1&Signature=2&Expires=3',
    'sv=2022-11-02&se=2026-01-01&sr=b&sp=r&sig=abc%3D'
  ]) t.equal(identity(`${url}?${signature}`), identity(url), signature)
  t.not(identity(`${url}?model=a`), identity(`${url}?model=b`))
  t.equal(identity(`${url}?model=a&Signature=1`), identity(`${url}?Signature=2&model=a`))
  t.not(identity(`${url}?sp=a`), identity(`${url}?sp=b`), 'short names sign only beside the signature of Azure')
  t.not(identity(`${url}?versionId=1&X-Amz-Signature=1`), identity(`${url}?versionId=2&X-Amz-Signature=1`))
})

t.test('a key of a bucket is another one with other characters, whatever they mean in a URL', async t => {
  t.not(identity('s3://bucket/a?1'), identity('s3://bucket/a?2'))
  t.not(identity('gs://bucket/a#1'), identity('gs://bucket/a#2'))
})

t.test('the same address is another model at another server', async t => {
  for (const [address, name] of [
    ['s3://bucket/model', 'AWS_ENDPOINT_URL_S3'], ['s3://bucket/model', 'AWS_PROFILE'], ['gs://bucket/model', 'STORAGE_EMULATOR_HOST'], ['hf://org/model', 'HF_ENDPOINT'],
    ['models:/wine/1', 'MLFLOW_TRACKING_URI'], ['models:/wine/1', 'MLFLOW_REGISTRY_URI'], ['runs:/1/model', 'MLFLOW_TRACKING_URI']
  ] as const) {
    t.not(identity(address, { [name]: 'http://one.example.com' }), identity(address, { [name]: 'http://two.example.com' }), `${address} ${name}`)
    t.not(identity(address, { [name]: 'http://one.example.com' }), identity(address))
  }
  t.equal(identity('models:/wine/1', { MLFLOW_TRACKING_URI: 'https://me:old@one.example.com/' }), identity('models:/wine/1', { MLFLOW_TRACKING_URI: 'https://me:new@one.example.com' }), 'another password is not another server')
  t.equal(identity('https://one.example.com/a.onnx', { HF_ENDPOINT: 'http://one.example.com' }), identity('https://one.example.com/a.onnx'))
})
