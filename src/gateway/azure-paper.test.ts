import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import type { Operations } from '../core/operations.ts'
import { openOffline, startGateway } from '../gateway.ts'

const document = `
[gateway]
name = "branch-07"
sender = "scanner@contoso.com"
[console]
port = 0
[[listener]]
name = "submission"
port = 0
[[upstream]]
name = "graph"
kind = "graph"
enabled = false
sender = "scanner@contoso.com"
[upstream.credential]
kind = "client-certificate"
[[upstream]]
name = "relay"
kind = "smarthost"
host = "relay.contoso.com"
enabled = false
`

const folder = mkdtempSync(join(tmpdir(), 'inkpost-azure-paper-'))
after(() => rmSync(folder, { recursive: true }))

/** The certificate that the script uploads is the one that `certificate` prints, under its real thumbprint. */
async function showsItsCertificate(operations: Operations): Promise<string> {
  const script = await operations.azureScript({ upstream: undefined, isLost: false })
  const known = await operations.certificate('graph')
  assert.ok(script.kind === 'done' && known.kind === 'done', JSON.stringify(script))
  const { fingerprint } = new X509Certificate(known.pem)
  assert.ok(script.text.includes(known.pem.trim()))
  assert.ok(script.text.includes(`'${fingerprint.replaceAll(':', '')}'`))
  return script.text
}

describe('the script out of a box', () => {
  it('is the same with the gateway at rest and running, but for the console’s address', async () => {
    let atRest = ''
    {
      await using offline = await openOffline(folder)
      assert.equal((await offline.applySetup(document, { check: false, who: 'anna' })).kind, 'applied')
      atRest = await showsItsCertificate(offline)
      const unknown = await offline.azureScript({ upstream: 'nobody', isLost: false })
      assert.ok(unknown.kind === 'refused')
      assert.match(unknown.reason, /nobody/)
      const relay = await offline.azureScript({ upstream: 'relay', isLost: false })
      assert.ok(relay.kind === 'refused')
      assert.match(relay.reason, /no upstream is of a kind that Microsoft serves/)
      const lost = await offline.azureScript({ upstream: undefined, isLost: true })
      assert.ok(lost.kind === 'done')
      assert.doesNotMatch(lost.text, /BEGIN CERTIFICATE/)
    }
    await using gateway = await startGateway({
      dataDir: folder,
      log: { write() {} },
      setupFile: undefined,
      withExample: false,
      onReady() {},
    })
    const running = await showsItsCertificate(gateway.operations)
    assert.match(running, /console http/)
    assert.equal(running.replace(/; console http[^;']*/, ''), atRest)
  })
})
