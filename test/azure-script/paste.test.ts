// The paste in a real bash against a fake Azure: what it makes and in which order, that a second run changes nothing,
// where it stops, and that the box takes the line with which it ends.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { wallMs } from '../../src/core/time.ts'
import {
  exampleBox,
  examplePem,
  exampleThumbprint,
  exampleUpstreams,
  factsOf,
} from '../../src/papers/azure-script/example-facts.fixture.ts'
import { azureScript, lostBoxScript } from '../../src/papers/azure-script/script.ts'
import { scratchSettings } from '../../src/settings/scratch-settings.ts'
import { CloudShell } from './cloud-shell.ts'
import { FakeAzure } from './fake-azure.ts'

const kinds = (...names: readonly (keyof typeof exampleUpstreams)[]): string =>
  `${exampleBox}${names.map((name) => exampleUpstreams[name]).join('\n')}`

const pasteOf = (toml: string, make = azureScript): string => {
  const script = make(factsOf(toml))
  return script.kind === 'script' ? script.text : assert.fail(script.reasons.join('\n'))
}

/** Yes to the tenant; a new resource in a new group; yes to what costs; yes to DNS and the storage account. */
const firstAnswers = ['y', 'contoso-mail', '', 'westeurope', 'Switzerland', 'y', 'y', 'y', 'y']
const secondAnswers = ['y', 'contoso-mail', 'y', 'y', 'y']

const answerOf = (out: string): string => {
  const [line = '', ...others] = out.trimEnd().split('\n')
  assert.deepEqual(others, [], 'stdout is the answer alone')
  return line
}

describe('the first paste for acs-email', () => {
  it('makes everything in order, asks for the data location, and ends with the line that the box takes', async () => {
    const azure = new FakeAzure({ zones: ['contoso.com'] })
    await using shell = await new CloudShell(azure).open()
    const toml = kinds('acs-email')
    const run = await shell.paste(pasteOf(toml), firstAnswers)
    assert.equal(run.status, 0, run.err)
    assert.deepEqual(collapsed(azure.changes), [
      'ad app create',
      'rest',
      'ad sp create',
      'ad app credential reset',
      'provider register',
      'group create',
      'communication create',
      'communication email create',
      'communication email domain create',
      'network dns record-set txt add-record',
      'network dns record-set cname set-record',
      'communication email domain initiate-verification',
      'communication update',
      'communication email domain sender-username create',
      'role definition create',
      'role assignment create',
      'storage account create',
      'rest',
      'provider register',
      'eventgrid event-subscription create',
      'eventgrid event-subscription update',
      'role assignment create',
    ])
    const events = JSON.stringify([...azure.things].filter(([key]) => key.startsWith('event ')))
    assert.match(
      events,
      /"key":"data\.sender","operatorType":"StringIn","values":\["scanner@contoso\.com","alarm@contoso\.com"/,
    )
    const acs = azure.things.get('acs contoso-mail')
    assert.equal(acs?.['dataLocation'], 'Switzerland')
    assert.equal(azure.things.get('sender scanner@contoso.com')?.['displayName'], 'Front desk')
    assert.equal(azure.things.get('sender alarm@contoso.com')?.['displayName'], 'Alarm panel')
    assert.ok(azure.things.has('sender DoNotReply@contoso.com'))
    const [app] = [...azure.things].filter(([key]) => key.startsWith('app ')).map(([, thing]) => thing)
    assert.equal(app?.['displayName'], 'inkpost-branch-07')
    assert.match(
      String(app?.['notes']),
      /branch-07\.contoso\.com.*https:\/\/branch-07\.local\/.*it@contoso\.com/,
    )
    assert.deepEqual(app?.['certificates'], [
      { displayName: `inkpost ${exampleThumbprint}`, customKeyIdentifier: null, pem: examplePem },
    ])
    assert.deepEqual(azure.things.get('role Inkpost mail sender')?.['actions'], [
      'Microsoft.Communication/CommunicationServices/Read',
      'Microsoft.Communication/CommunicationServices/Write',
      'Microsoft.Communication/EmailServices/write',
    ])
    const roles = [...azure.things].filter(([key]) => key.startsWith('assignment ')).map(([, thing]) => thing)
    assert.deepEqual(
      roles.map(({ role, scope }) => [role, scope]),
      [
        ['Inkpost mail sender', acs?.['id']],
        [
          'Storage Queue Data Message Processor',
          [...azure.things.keys()].find((key) => key.startsWith('queue '))?.slice(6),
        ],
      ],
    )
    takesAnswer(toml, answerOf(run.out), {
      endpoint: 'https://contoso-mail.europe.communication.azure.com',
      tenantId: '11111111-1111-4111-8111-111111111111',
      clientId: String(app?.['appId']),
    })
  })

  it('changes nothing when it is pasted again, and says the same', async () => {
    const azure = new FakeAzure({ zones: ['contoso.com'] })
    await using shell = await new CloudShell(azure).open()
    const script = pasteOf(kinds('acs-email'))
    const first = await shell.paste(script, firstAnswers)
    azure.changes.length = 0
    const second = await shell.paste(script, secondAnswers)
    assert.equal(second.status, 0, second.err)
    assert.deepEqual(azure.changes, [])
    assert.equal(second.out, first.out)
  })
})

/** An order of steps, those that repeat themselves named once. */
const collapsed = (names: readonly string[]): readonly string[] =>
  names.filter((name, index) => name !== names[index - 1])

function takesAnswer(
  toml: string,
  answer: string,
  expected: { readonly endpoint: string; readonly tenantId: string; readonly clientId: string },
): void {
  using settings = scratchSettings({ profile: 'checkout', dataDirectory: '/nowhere', now: () => wallMs(0) })
  assert.equal(settings.apply(toml, { who: 'anna' }).kind, 'applied')
  const application = settings.apply(answer, { who: 'anna' })
  assert.equal(application.kind, 'applied', JSON.stringify(application))
  const [upstream] = settings.setup.upstreams
  assert.ok(upstream?.credential.kind === 'client-certificate')
  assert.equal(upstream.enabled, true)
  assert.equal(upstream.endpoint, expected.endpoint)
  assert.equal(upstream.credential.tenantId, expected.tenantId)
  assert.equal(upstream.credential.clientId, expected.clientId)
  assert.ok(upstream.senders.includes('scanner@contoso.com'))
  assert.equal(settings.setup.devices.length, 2, 'nothing else is touched')
}

describe('a paste that can not go on', () => {
  it('says that the tenant can have no resource any more, and has made nothing that costs', async () => {
    const azure = new FakeAzure({ isClosed: true })
    await using shell = await new CloudShell(azure).open()
    const run = await shell.paste(pasteOf(kinds('acs-email')), firstAnswers)
    assert.equal(run.status, 1)
    assert.match(
      run.err,
      /New customers can not create this resource[\s\S]*can have no ACS resource any more[\s\S]*inkpost choose/,
    )
    assert.equal(run.out, '')
    assert.ok(![...azure.things.keys()].some((key) => /^(acs|email|storage) /.test(key)))
  })

  it('goes on where it was broken off, at whatever step', async () => {
    const steps = ['ad sp create', 'communication email domain create', 'role definition']
    const whole = new FakeAzure({ zones: ['contoso.com'] })
    {
      await using shell = await new CloudShell(whole).open()
      await shell.paste(pasteOf(kinds('acs-email')), firstAnswers)
    }
    const azure = new FakeAzure({ zones: ['contoso.com'] })
    await using shell = await new CloudShell(azure).open()
    for (const step of steps) {
      azure.failOnce = step
      const hasResource = azure.things.has('acs contoso-mail')
      await shell.paste(pasteOf(kinds('acs-email')), hasResource ? secondAnswers : firstAnswers)
    }
    const last = await shell.paste(pasteOf(kinds('acs-email')), secondAnswers)
    assert.equal(last.status, 0, last.err)
    assert.deepEqual([...azure.things.keys()].toSorted(), [...whole.things.keys()].toSorted())
  })

  it('prints the DNS records, stops, and goes on once they can be seen', async () => {
    const azure = new FakeAzure()
    await using shell = await new CloudShell(azure).open()
    const first = await shell.paste(pasteOf(kinds('acs-email')), firstAnswers)
    assert.equal(first.status, 1)
    assert.match(first.err, /TXT\tcontoso\.com\tms-domain-verification=1234/)
    assert.match(first.err, /CNAME\tselector1-azurecomm-prod-net\._domainkey\tselector1/)
    assert.match(first.err, /contoso\.com is not verified yet: publish the records above/)
    azure.publishDns('contoso.com')
    const second = await shell.paste(pasteOf(kinds('acs-email')), secondAnswers)
    assert.equal(second.status, 0, second.err)
  })

  it('leaves a zone’s own SPF record alone', async () => {
    const azure = new FakeAzure({ zones: ['contoso.com'] })
    azure.run(
      'network dns record-set txt add-record --zone-name contoso.com --record-set-name @ --value v=spf1_other'.split(
        ' ',
      ),
    )
    await using shell = await new CloudShell(azure).open()
    const run = await shell.paste(pasteOf(kinds('acs-email')), firstAnswers)
    assert.match(run.err, /@ has an SPF record already: add the include/)
    const { TXTRecords: records } = azure.things.get('record TXT @ contoso.com') ?? {}
    assert.equal(JSON.stringify(records).match(/v=spf1/g)?.length, 1)
  })

  it('prints the ticket where Azure refuses senders, and the box is told which', async () => {
    const azure = new FakeAzure({ zones: ['contoso.com'], refusesSenders: true })
    await using shell = await new CloudShell(azure).open()
    const run = await shell.paste(pasteOf(kinds('acs-email')), firstAnswers)
    assert.equal(run.status, 0, run.err)
    assert.match(
      run.err,
      /Subject: Email: more MailFrom addresses[\s\S]*scanner@contoso\.com\nalarm@contoso\.com/,
    )
    const { upstreams } = JSON.parse(
      Buffer.from(answerOf(run.out).split(':')[1] ?? '', 'base64url').toString(),
    )
    assert.deepEqual(upstreams.acs.senders, 'DoNotReply@contoso.com')
    assert.match(upstreams.acs.refused_senders, /scanner@contoso\.com/)
  })

  for (const [why, failure] of [
    ['the line breaks', 'Connection aborted.'],
    ['Azure is busy', '(TooManyRequests) The request is being throttled.'],
    [
      'the person has no right',
      "(AuthorizationFailed) The client 'anna' does not have authorization. Status: Forbidden",
    ],
  ] as const)
    it(`stops where ${why} while a sender is made: the box is told nothing`, async () => {
      const azure = new FakeAzure({ zones: ['contoso.com'], senderFailure: failure })
      await using shell = await new CloudShell(azure).open()
      const run = await shell.paste(pasteOf(kinds('acs-email')), firstAnswers)
      assert.deepEqual([run.status, run.out], [1, ''])
      assert.match(run.err, /could not make scanner@contoso\.com/)
    })

  it('makes nothing without a yes to the tenant', async () => {
    const azure = new FakeAzure()
    await using shell = await new CloudShell(azure).open()
    for (const answers of [['n'], []]) {
      const run = await shell.paste(pasteOf(kinds('acs-email')), answers)
      assert.equal(run.status, 1)
      assert.deepEqual(azure.changes, [])
    }
  })
})

describe('the paste for Exchange', () => {
  it('consents to SMTP.SendAsApp alone and hands the ids of the enterprise application to PowerShell', async () => {
    const azure = new FakeAzure()
    await using shell = await new CloudShell(azure).open()
    const run = await shell.paste(pasteOf(kinds('exchange-smtp')), ['y', 'y'])
    assert.equal(run.status, 0, run.err)
    const grants = [...azure.things].filter(([key]) => key.startsWith('grant ')).map(([, thing]) => thing)
    assert.deepEqual(
      grants.map(({ appRoleId, resourceId }) => [appRoleId, resourceId]),
      [['role-of-SMTP.SendAsApp', 'exchange-object']],
    )
    assert.match(
      shell.powershell.join(),
      /inkpost-branch-07-exchange\.ps1 -AppId 3333\S+ -ObjectId principal-3333/,
    )
    assert.match(answerOf(run.out), /^inkpost-answer:/)
  })

  it('refuses to scope Graph while Mail.Send is consented for the tenant', async () => {
    const azure = new FakeAzure()
    await using shell = await new CloudShell(azure).open()
    assert.equal((await shell.paste(pasteOf(kinds('graph')), ['y', 'n'])).status, 0)
    const [app] = [...azure.things.keys()].filter((key) => key.startsWith('app '))
    const principalId = `principal-${app?.slice(4)}`
    azure.things.set('grant x', {
      id: 'x',
      principalId,
      appRoleId: 'role-of-Mail.Send',
      resourceId: 'graph-object',
    })
    const run = await shell.paste(pasteOf(kinds('graph')), ['y', 'y'])
    assert.equal(run.status, 1)
    assert.match(run.err, /may send as everybody: Mail\.Send is consented for the whole tenant/)
    assert.deepEqual(shell.powershell, [])
  })
})

describe('the paste for a lost box', () => {
  it('removes what is of this box, and nothing of another', async () => {
    const azure = new FakeAzure({ zones: ['contoso.com'] })
    await using shell = await new CloudShell(azure).open()
    const other = kinds('acs-email', 'acs-smtp').replaceAll('branch-07', 'branch-08')
    await shell.paste(pasteOf(other), [...firstAnswers, 'contoso-mail'])
    const before = [...azure.things.keys()]
    const mine = await shell.paste(pasteOf(kinds('acs-email', 'acs-smtp')), [
      ...secondAnswers.slice(0, 2),
      'contoso-mail',
    ])
    assert.equal(mine.status, 0, mine.err)
    assert.ok(azure.things.size > before.length)
    const lost = await shell.paste(pasteOf(kinds('acs-email', 'acs-smtp'), lostBoxScript), ['branch-07'])
    assert.equal(lost.status, 0, lost.err)
    assert.deepEqual([...azure.things.keys()], before)
  })

  it('says that it is done only where nothing is left to a person', async () => {
    const runLost = async (toml: string, ...answers: readonly string[]): Promise<string> => {
      const azure = new FakeAzure()
      await using shell = await new CloudShell(azure).open()
      const { status, err } = await shell.paste(pasteOf(toml, lostBoxScript), ['branch-07', ...answers])
      assert.equal(status, 0, err)
      return err
    }
    const bySecret = `${exampleBox}[[upstream]]\nname = "up"\nkind = "acs-smtp"\n[upstream.credential]\nkind = "password"\nusername = "contoso-mail"\npassword = "s"\n`
    assert.match(await runLost(kinds('acs-email')), / Done\. Nothing of other/)
    for (const err of [
      await runLost(bySecret),
      await runLost(kinds('acs-email by key')),
      await runLost(kinds('connector by address'), 'n'),
      await runLost(
        kinds('acs-email').replace('-certificate"', '-certificate"\ntenant_id = "t"\nclient_id = "other"'),
      ),
    ]) {
      assert.match(err, /by hand: /)
      assert.match(err, /NOT DONE: /)
      assert.doesNotMatch(err, / Done\./)
    }
  })

  it('asks for the name of the box and removes nothing without it', async () => {
    const azure = new FakeAzure()
    await using shell = await new CloudShell(azure).open()
    const run = await shell.paste(pasteOf(kinds('acs-email'), lostBoxScript), ['branch-08'])
    assert.equal(run.status, 1)
    assert.match(run.err, /nothing was removed/)
  })
})
