import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { before, describe, it } from 'node:test'
import treeSitter, { type Parser } from '@vscode/tree-sitter-wasm'
import fc from 'fast-check'
import type { UpstreamKind } from '../../core/setup.ts'
import { type CredentialDocument, upstreamKinds } from '../../settings/schema.ts'
import { kindFacts } from '../../settings/upstream-kinds.ts'
import { exampleBox, examplePem, exampleUpstreams, factsOf } from './example-facts.fixture.ts'
import { exchangeScript, lostExchangeScript } from './exchange-powershell.ts'
import { planScript, type ScriptFacts } from './plan.ts'
import { azureScript, lostBoxScript } from './script.ts'

const setups = Object.entries(exampleUpstreams).map(([name, toml]) => [name, `${exampleBox}${toml}`] as const)
const everything = `${exampleBox}${Object.values(exampleUpstreams).join('\n')}`
/** Names as people give them, and as somebody gives them who wants more than a name. */
const oddBox = everything
  .replaceAll('"Front desk"', `"Büro 'Süd' $(touch owned) \`id\` \\\\ !! \\"x\\""`)
  .replaceAll('name = "acs"', `name = "acs'; az group delete #"`)

const textOf = (facts: ScriptFacts, make = azureScript): string => {
  const script = make(facts)
  if (script.kind === 'refused') return assert.fail(script.reasons.join('\n'))
  return script.text
}

function shellcheck(text: string): string {
  const { stdout, status, error } = spawnSync('shellcheck', ['--shell=bash', '--severity=style', '-'], {
    input: text,
    encoding: 'utf8',
  })
  if (error) throw error
  return status === 0 ? '' : stdout
}

describe('the paste', () => {
  for (const [name, toml] of [
    ...setups,
    ['everything at once', everything],
    ['odd names', oddBox],
  ] as const) {
    it(`is clean to shellcheck: ${name}`, () => {
      assert.equal(shellcheck(textOf(factsOf(toml))), '')
      assert.equal(shellcheck(textOf(factsOf(toml), lostBoxScript)), '')
    })
  }

  it('is bash for any setup', () => {
    const words = fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 20 })
      .filter((text) => text.trim() === text)
    fc.assert(
      fc.property(words, words, words, (device, upstream, notes) => {
        const facts = factsOf(everything)
        const [first, ...others] = facts.setup.devices
        if (!first) return assert.fail('no device')
        const setup = { ...facts.setup, devices: [{ ...first, senderName: device }, ...others] }
        const upstreams = facts.upstreams.map((each) =>
          each.kind === 'acs-email' ? { ...each, name: upstream } : each,
        )
        const text = textOf({ ...facts, setup, upstreams, consoleUrl: notes })
        const { status, stderr } = spawnSync('bash', ['-n', '-s'], { input: text, encoding: 'utf8' })
        assert.equal(status, 0, stderr)
      }),
      { numRuns: 40 },
    )
  })

  it('has only the parts that the kinds need', () => {
    const parts = {
      choose_acs: ['acs-email', 'acs-email by key', 'acs-smtp'],
      make_reports: ['acs-email'],
      make_smtp_username: ['acs-smtp'],
      'grant_exchange SMTP.SendAsApp': ['exchange-smtp'],
      'grant_exchange Mail.Send': ['exchange-hve'],
      'New-ManagementRoleAssignment': ['graph'],
      '-SenderIPAddresses': ['connector by address'],
      '-TlsSenderCertificateName': ['connector by certificate'],
      'Set-CASMailbox': ['exchange-smtp', 'exchange-smtp by password'],
      'New-MailUser -HVEAccount': ['exchange-hve'],
      RejectDirectSend: ['exchange-direct'],
      "add_certificate '": ['acs-email', 'acs-smtp', 'exchange-smtp', 'exchange-hve', 'graph'],
    }
    for (const [part, kinds] of Object.entries(parts)) {
      // A word of the prelude is there to be called; a step is the line that calls it.
      const isStep = new RegExp(`^ *${part.replaceAll('.', '\\.')}( |$)`, 'm')
      const found = setups.filter(([, toml]) => {
        const text = textOf(factsOf(toml))
        return part.startsWith('-') || part.includes('-') || part === 'RejectDirectSend'
          ? text.includes(part)
          : isStep.test(text) || (part.endsWith("'") && text.includes(part))
      })
      assert.deepEqual(
        found.map(([name]) => name),
        kinds,
        part,
      )
    }
  })

  const many = Array.from({ length: 26 }, (_, n) => `"s${n}@contoso.com"`).join(', ')
  for (const [why, senders, filter] of [
    ['single addresses', '"Azure@7d.azurecomm.net"', /data\.sender StringIn .*'azure@7d\.azurecomm\.net'/],
    ['patterns', '"*@fabrikam.com"', /data\.sender StringEndsWith .*'@contoso\.com' '@fabrikam\.com'/],
    ['more addresses than a filter holds', many, /data\.sender StringEndsWith '@contoso\.com'/],
    ['anybody', '"*"', /filter_reports "\$APP_NAME"$/m],
  ] as const)
    it(`asks for the reports of its own senders alone: ${why}`, () => {
      const toml = everything.replace('sender = "noreply', `senders = [${senders}]\nsender = "noreply`)
      assert.match(textOf(factsOf(toml)), filter)
    })

  it('never gives more than one mailbox, and holds no secret', () => {
    const text = textOf(factsOf(everything))
    assert.doesNotMatch(
      text,
      /-AccessRights FullAccess|Add-MailboxPermission|admin-consent|ApplicationAccessPolicy/,
    )
    assert.doesNotMatch(text, /not to be seen anywhere|bm90IGEga2V5|PRIVATE KEY|list-key\b.*--output/)
    assert.ok(text.includes(examplePem.trim()))
  })

  it('asks for the data location and names none as the default', () => {
    assert.match(textOf(factsOf(everything)), /DATA_LOCATION=\$\(ask 'Data location/)
    assert.doesNotMatch(textOf(factsOf(everything)), /DATA_LOCATION='|DATA_LOCATION=[A-Z]/)
  })
})

describe('the paste for a lost box', () => {
  const app = 'tenant_id = "t"\nclient_id = "c"\nsecret = "s"'
  const login = 'username = "box@contoso.com"\npassword = "s"'
  const keys: Readonly<Record<CredentialDocument['kind'], string>> = {
    none: '',
    'access-key': 'key = "c2VjcmV0"',
    'client-secret': app,
    'client-certificate': 'tenant_id = "t"\nclient_id = "c"',
    password: login,
  }
  const host = 'host = "mx.contoso.com"\naccepted_domains = ["contoso.com"]'
  /** What ends each way in: a step of the paste, or a person. */
  const ends: Partial<Record<`${UpstreamKind} ${CredentialDocument['kind']}`, RegExp>> = {
    'acs-email access-key': /^left 'upstream up knew an access key/m,
    'acs-smtp password': /^left 'upstream up signed in by a secret of an app/m,
    'exchange-smtp password': /^left 'upstream up signed in as box@contoso.com by password/m,
    'exchange-hve password': /^left 'upstream up signed in as box@contoso.com by password/m,
    'exchange-direct none': /^left 'upstream up needs no credential: block/m,
    'exchange-connector none': /^ *Remove-InboundConnector /m,
    'exchange-connector client-certificate': /^ *Remove-InboundConnector /m,
    'smarthost none': /^left 'upstream up needs no credential: whoever runs mx.contoso.com/m,
    'smarthost password': /^left 'upstream up signed in at mx.contoso.com/m,
    'smarthost client-secret': /^left 'upstream up signed in at mx.contoso.com/m,
    'smarthost client-certificate': /^left 'upstream up signed in at mx.contoso.com/m,
  }
  for (const kind of upstreamKinds.filter((each) => each !== 'outbox')) {
    for (const credential of kindFacts[kind].credentials) {
      it(`ends ${kind} by ${credential}, or says who has to`, () => {
        const own = `[[upstream]]\nname = "up"\nkind = "${kind}"\nusername = "box@contoso.com"\n${host}\n[upstream.credential]\nkind = "${credential}"\n${keys[credential]}\n`
        const text = textOf(factsOf(`${exampleBox}${own}${exampleUpstreams['acs-email']}`), lostBoxScript)
        const end = ends[`${kind} ${credential}`] ?? /^look_at_app 'up' 'c'$[\s\S]*^end_of_loss$/m
        assert.match(text, end)
        assert.match(text, /^lose_app$/m)
        assert.equal(shellcheck(text), '')
      })
    }
  }

  it('names the app that the user name of ACS by SMTP holds', () => {
    const app = '0b3a6f1e-58c1-4f6e-9a55-6d0c2f3f9c11'
    for (const username of [`contoso|${app}|77777777-58c1-4f6e-9a55-6d0c2f3f9c11`, `contoso.${app}.7777`]) {
      const own = `[[upstream]]\nname = "up"\nkind = "acs-smtp"\n[upstream.credential]\nkind = "password"\nusername = "${username}"\npassword = "s"\n`
      assert.match(
        textOf(factsOf(`${exampleBox}${own}`), lostBoxScript),
        new RegExp(`secret of the app ${app} `),
      )
    }
  })
})

describe('what the paste can not be made of', () => {
  it('is said with the upstream’s name', () => {
    const cases = [
      [
        exampleUpstreams.graph.replace(/senders? = .*\n/g, ''),
        /upstream "graph": sender and senders name no whole/,
      ],
      [
        exampleUpstreams['acs-email'].replace('sender = "noreply@contoso.com"\n', ''),
        /no device and no upstream/,
      ],
    ] as const
    for (const [toml, says] of cases) {
      const script = azureScript(factsOf(`schema = 1\n${toml}`))
      assert.ok(script.kind === 'refused')
      assert.match(script.reasons.join(), says)
    }
  })

  it('is a box without any way out at Microsoft', () => {
    const outbox = factsOf('schema = 1\n[[upstream]]\nname = "outbox"\nkind = "outbox"\n')
    for (const make of [azureScript, lostBoxScript]) {
      const script = make(outbox)
      assert.ok(script.kind === 'refused')
      assert.match(script.reasons.join(), /no upstream is of a kind that Microsoft serves/)
    }
  })
})

describe('the PowerShell of the paste', () => {
  let parser: Parser

  before(async () => {
    const require = createRequire(import.meta.url)
    await treeSitter.Parser.init()
    parser = new treeSitter.Parser()
    const grammar = readFileSync(require.resolve('@vscode/tree-sitter-wasm/wasm/tree-sitter-powershell.wasm'))
    parser.setLanguage(await treeSitter.Language.load(grammar))
  })

  const mistakes = (text: string): string => {
    const tree = parser.parse(text)
    if (!tree) return assert.fail('not parsed at all')
    return tree.rootNode.hasError ? tree.rootNode.toString() : ''
  }

  it('is understood by a parser of PowerShell that we did not write', () => {
    assert.notEqual(mistakes(`if (-not (Get-X) { 'a' }`), '', 'the parser takes anything')
    for (const [name, toml] of [...setups, ['odd names', oddBox]] as const) {
      const plan = planScript(factsOf(toml))
      assert.equal(mistakes(exchangeScript(plan)), '', name)
      assert.equal(mistakes(lostExchangeScript(plan)), '', `${name}, lost`)
    }
  })

  it('has values as strings and never as code, for any address', () => {
    const letters = fc.constantFrom("'", '\u2019', '$', '`', '"', ';', '}', ')', '#', 'a')
    const local = fc.string({ unit: letters, minLength: 1, maxLength: 12 })
    fc.assert(
      fc.property(local, (name) => {
        const facts = factsOf(`${exampleBox}${exampleUpstreams['exchange-smtp']}`)
        const count = (username: string): number => {
          const upstreams = facts.upstreams.map((each) => ({ ...each, username }))
          const tree = parser.parse(exchangeScript(planScript({ ...facts, upstreams })))
          assert.ok(tree && !tree.rootNode.hasError, username)
          return tree.rootNode.descendantsOfType('command').length
        }
        assert.equal(count(`${name}@contoso.com`), count('scanner@contoso.com'))
      }),
      { numRuns: 50 },
    )
  })
})
