import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import Database from 'better-sqlite3'
import fc from 'fast-check'
import type { Setup } from '../core/setup.ts'
import { wallMs } from '../core/time.ts'
import { soundDocument } from './document.fixture.ts'
import { addAlias } from './edits.ts'
import { openSettings, type SettingsOptions } from './open-settings.ts'
import { checkDocument } from './parse.ts'
import { printDocument } from './print.ts'
import { problemText } from './problem.ts'
import { devicePassword, portCertificate, upstreamSecret, wifiPassphrase } from './secret-slots.ts'
import type { Application, Settings } from './settings.ts'

const now = wallMs(1_800_000_000_000)
const who = { who: 'test' }
const outbox = '[[upstream]]\nname = "outbox"\nkind = "outbox"\n'
const scanner = (lines: string, name = 'Scanner'): string =>
  `[[device]]\nname = "${name}"\naddresses = ["192.168.7.20"]\n${lines}\n`
const acs = (key: string, name = 'acs'): string =>
  `[[upstream]]\nname = "${name}"\nkind = "acs-email"\nendpoint = "https://contoso.communication.azure.com"\nsender = "a@contoso.com"\n[upstream.credential]\nkind = "access-key"\n${key}\n`

describe('settings', () => {
  let folder = ''
  let settings: Settings
  let time = now
  const open = async (options: Partial<SettingsOptions> = {}) => {
    const opening = await openSettings(folder, { profile: 'checkout', now: () => time, ...options })
    assert.equal(opening.kind, 'open')
    return opening
  }
  const reopen = async (): Promise<Settings> => {
    settings[Symbol.dispose]()
    settings = (await open()).settings
    return settings
  }
  beforeEach(async () => {
    time = now
    folder = mkdtempSync(join(tmpdir(), 'settings-'))
    settings = (await open()).settings
  })
  afterEach(() => {
    settings[Symbol.dispose]()
    rmSync(folder, { recursive: true })
  })

  const changes = (text: string): readonly string[] => {
    const application = settings.apply(text, who)
    assert.equal(application.kind, 'applied', JSON.stringify(application))
    return application.changes
  }
  const problems = (application: Application): readonly string[] =>
    application.kind === 'problems' ? application.problems.map(problemText) : [application.kind]
  const secret = (name = 'Scanner'): unknown => {
    const opened = settings.open(devicePassword(name))
    return opened.kind === 'open' ? opened.value : opened.kind
  }
  const key = (name = 'acs', field = 'key'): unknown => {
    const opened = settings.open(upstreamSecret(name, field))
    return opened.kind === 'open' ? opened.value : opened
  }
  const stored = (): string => readdirText(folder)

  describe('a stored setup that this release cannot read in a part', () => {
    const store = (statement: string, document: object): void => {
      const database = new Database(join(folder, 'settings.db'))
      database.prepare(statement).run(JSON.stringify({ schema: 1, ...document }))
      database.close()
    }
    const up = { name: 'up', kind: 'smarthost', host: 'mx.contoso.com' }

    it('opens without the part and says which, until something is applied', async () => {
      changes(outbox)
      store('UPDATE setup SET document = ?', { upstream: [{ ...up, port: 'submission' }] })
      await reopen()
      assert.deepEqual(settings.misfits, ['upstream 1 "up": port: must be a whole number'])
      assert.equal(settings.setup.upstreams[0]?.enabled, false)
      assert.equal(settings.apply(settings.export(), { ...who, check: true }).kind, 'checked')
      assert.equal(settings.misfits.length, 1)
      addAlias(settings, 'anna', ['anna@contoso.com'], who)
      assert.equal(settings.misfits.length, 1)
      changes(settings.export())
      assert.deepEqual(settings.misfits, [])
      assert.deepEqual((await reopen()).misfits, [])
    })

    it('passes over a retired upstream that it does not know', async () => {
      store("INSERT INTO retired_upstream VALUES ('up', ?)", { upstream: [{ ...up, kind: 'pigeon' }] })
      store("INSERT INTO retired_upstream VALUES ('old', ?)", { upstream: [{ ...up, name: 'old' }] })
      assert.deepEqual(
        (await reopen()).retired().map(({ name }) => name),
        ['old'],
      )
    })
  })

  describe('apply', () => {
    it('makes a document the truth, also after a restart', async () => {
      const told: Setup[] = []
      settings.onChange((setup) => told.push(setup))
      assert.deepEqual(changes(scanner('username = "scan1"\npassword = "1234"') + outbox), [
        'device "Scanner": added',
        'upstream "outbox": added',
      ])
      assert.equal(settings.revision, 1)
      assert.deepEqual(told, [settings.setup])
      assert.equal(settings.setup.devices[0]?.username, 'scan1')
      assert.equal(secret(), '1234')
      const { setup } = settings
      await reopen()
      assert.deepEqual(settings.setup, setup)
      assert.equal(settings.revision, 1)
      assert.equal(secret(), '1234')
    })

    it('tells what changed in words without values, and keeps them in the audit', () => {
      changes(scanner('username = "scan1"\npassword = "1234"') + outbox + acs('key = "b25l"'))
      const next = `[gateway]\npostmaster = "it@contoso.com"\n[[alias]]\nname = "anna"\nto = ["a@b.c"]\n${scanner('username = "scan1"\npassword = "5678"\nallowed_recipients = ["*@contoso.com"]', 'Front desk')}${acs('key = "dHdv"')}`
      const words = [
        'gateway: postmaster changed',
        'alias "anna": added',
        'device "Front desk": name changed',
        'device "Front desk": allowed_recipients changed',
        'upstream "outbox": removed',
        'device "Front desk": password changed',
        'upstream "acs": credential.key changed',
      ]
      assert.deepEqual(changes(next), words)
      const [entry] = settings.audit(1)
      const { changes: values, ...said } = entry ?? assert.fail('nothing is in the audit')
      assert.deepEqual(said, { id: 2, at: now, who: 'test', place: '', what: words, weakens: false })
      assert.deepEqual(values.at(3), {
        what: 'device "Front desk": allowed_recipients',
        before: '[]',
        after: '["*@contoso.com"]',
      })
      assert.deepEqual(values.at(-1), {
        what: 'upstream "acs": credential.key',
        before: '(a secret)',
        after: '(another secret)',
      })
      assert.doesNotMatch(JSON.stringify(settings.audit(9)), /1234|5678|b25l|dHdv/)
    })

    it('knows the order of upstreams as a change, and that of devices not', () => {
      changes(acs('key = "b25l"') + outbox)
      assert.deepEqual(changes(outbox + acs('key = "b25l"')), ['upstream: order changed'])
    })

    it('changes nothing, and writes no audit, when the document says what holds', () => {
      const text = scanner('username = "scan1"\npassword = "1234"') + outbox
      changes(text)
      assert.deepEqual(changes(text), [])
      assert.equal(settings.revision, 1)
      assert.equal(settings.audit(9).length, 1)
    })

    it('only tells with check', () => {
      const told: Setup[] = []
      settings.onChange((setup) => told.push(setup))
      const application = settings.apply(outbox, { ...who, check: true })
      assert.deepEqual(application, {
        kind: 'checked',
        changes: ['upstream "outbox": added'],
        remarks: [],
        revision: 0,
      })
      assert.deepEqual([settings.setup.upstreams, told, settings.audit(9)], [[], [], []])
    })

    it('changes nothing when there is a problem', () => {
      changes(outbox)
      const before = settings.export()
      assert.deepEqual(problems(settings.apply('[[device]]\nname = "A"\n', who)), [
        'device 1 "A": needs a password or addresses; without both anyone could send in its name',
      ])
      assert.deepEqual(problems(settings.apply('[[device]]\nname = "A"\nx = 1', who)), [
        'device 1 "A": x: unknown key',
      ])
      assert.equal(settings.export(), before)
    })

    it('names what the rules forbid beside what can not be read, each row by its place in the text', () => {
      const text = `[gateway]
name = "Branch 07"
[[alias]]
name = "test"
to = ["anna@contoso.com"]
[[device]]
name = "Hall"
colour = "red"
username = "hall"
[[device]]
name = "Desk"
username = "scan1"
[[device]]
name = "desk"
username = "scan1"
password = "(kept)"
[[upstream]]
name = "up"
kind = "smarthost"
credential = { kind = "password", username = "box", password_file = "nowhere" }
`
      assert.deepEqual(problems(settings.apply(text, who)), [
        'gateway: name: must be 1 to 63 characters of a-z 0-9 and - inside',
        'device 1 "Hall": colour: unknown key',
        'device 3 "desk": password: nothing is kept for this device; write the secret itself',
        'upstream 1 "up": credential.password_file: nowhere cannot be read: ENOENT',
        'device 3 "desk": name: is already the name of device 2',
        'alias 1 "test": name: test is the box\'s own address for trying a device',
        'device 3 "desk": username: "scan1" is already a login of device "Desk"',
        'device 2 "Desk": needs a password or addresses; without both anyone could send in its name',
        'upstream 1 "up": host: is required for smarthost',
      ])
    })

    /** What the rule would say of the readable rest is only the echo of the first mistake. */
    const echoes: readonly (readonly [what: string, mistake: string, text: string])[] = [
      [
        'weakest_tls of a gateway',
        'gateway',
        '[gateway]\nweakest_tls = "vintage"\nx = 1\n[[listener]]\ntls = "vintage"',
      ],
      [
        'an upstream of a route',
        'upstream 1 "acs"',
        `${scanner('route = ["acs"]')}[[upstream]]\nname = "acs"\nkind = "x"`,
      ],
      ['a misspelled table', 'upstreams', `${scanner('route = ["outbox"]')}[[upstreams]]\nname = "outbox"`],
      [
        'the senders of another way out',
        'upstream 2 "b"',
        `${scanner('sender = "a@b.example"')}${acs('key = "c2VjcmV0"').replace('sender = "a@contoso.com"', 'senders = ["a@contoso.com"]')}[[upstream]]\nname = "b"\nkind = "x"`,
      ],
      [
        'the domains that mail goes to',
        'upstream 1 "b"',
        '[gateway]\nhostname = "contoso.com"\n[[alias]]\nname = "anna"\nto = ["anna@contoso.com"]\n[[upstream]]\nname = "b"\nkind = "x"\naccepted_domains = ["contoso.com"]',
      ],
      [
        'the console that could not be read',
        'console: port',
        '[console]\nport = "x"\n[[listener]]\naddress = "127.0.0.1"\nport = 8025',
      ],
    ]
    for (const [what, mistake, text] of echoes) {
      it(`invents no second problem from ${what}`, () => {
        const [first, ...others] = problems(settings.apply(text, who))
        assert.ok(first?.startsWith(mistake), String(first))
        assert.deepEqual(others, [])
      })
    }

    it('does not take the default listeners for those that could not be read', async () => {
      settings[Symbol.dispose]()
      settings = (await open({ profile: 'packaged' })).settings
      const short = '[[device]]\nname = "A"\nusername = "a"\npassword = "1234"\n'
      assert.deepEqual(problems(settings.apply(`listener = 1\n${short}`, who)), [
        'listener: must be tables written as [[listener]]',
      ])
    })

    it('says what it means when the last device and the last way out go', () => {
      changes(scanner('username = "scan1"\npassword = "1234"') + outbox)
      assert.deepEqual(changes('schema = 1'), [
        'device "Scanner": removed',
        'upstream "outbox": removed',
        'device: none is left, no device may hand in mail',
        'upstream: none is left, mail has no way out',
      ])
      assert.deepEqual(settings.setup.devices, [])
    })

    it('takes no text that says nothing at all', () => {
      changes(scanner('username = "scan1"\npassword = "1234"') + outbox)
      assert.deepEqual(problems(settings.apply('# schema = 1\n', who)), [
        'schema: is missing: the document is empty',
      ])
      assert.equal(settings.setup.devices.length, 1)
    })

    it('is one transaction: what breaks it half-way leaves the old document', async () => {
      changes(scanner('username = "scan1"\npassword = "1234"') + outbox)
      const before = settings.export()
      const other = new Database(join(folder, 'settings.db'))
      other.exec("CREATE TRIGGER broken BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'cut'); END")
      assert.throws(() => settings.apply(acs('key = "b25l"'), who), /cut/)
      other.exec('DROP TRIGGER broken')
      other.close()
      assert.equal(settings.export(), before)
      assert.deepEqual([settings.revision, secret(), key()], [1, '1234', { kind: 'absent' }])
      await reopen()
      assert.equal(settings.export(), before)
      assert.deepEqual([settings.revision, secret(), key()], [1, '1234', { kind: 'absent' }])
    })

    it('refuses a change that was made from an older revision', () => {
      changes(outbox)
      assert.deepEqual(settings.apply('schema = 1', { ...who, revision: 0 }), {
        kind: 'outdated',
        revision: 1,
      })
      assert.equal(settings.apply('schema = 1', { ...who, revision: 1 }).kind, 'applied')
    })

    it('tells warnings and what is not active yet, and applies all the same', () => {
      const application = settings.apply(`${outbox}[large_files]\n[console]\nphysical_reset = true`, who)
      assert.equal(application.kind, 'applied')
      assert.deepEqual(application.remarks.map(problemText), ['large_files: is not active yet'])
    })
  })

  describe('export', () => {
    it('shows no secret, and applying it changes nothing', () => {
      changes(`${scanner('username = "scan1"\npassword = "1234"')}${acs('key = "b25l"\nnext_key = "dHdv"')}`)
      const text = settings.export()
      assert.match(text, /password = "\(kept\)"/)
      assert.doesNotMatch(text, /1234|b25l|dHdv/)
      assert.deepEqual(changes(text), [])
      assert.deepEqual([secret(), key(), key('acs', 'next_key')], ['1234', 'b25l', 'dHdv'])
    })

    it('is a fixed point for every document', () => {
      let applied = 0
      fc.assert(
        fc.property(soundDocument, (raw) => {
          const parsed = checkDocument({ ...raw })
          assert.equal(parsed.kind, 'parsed', JSON.stringify(parsed))
          const application = settings.apply(printDocument(parsed.document), who)
          if (application.kind !== 'applied') return
          applied += 1
          const { revision } = settings
          assert.deepEqual(changes(settings.export()), [])
          assert.equal(settings.revision, revision)
          for (const slot of parsed.document.device) assert.equal(secret(slot.name), slot.password)
        }),
        { numRuns: 60 },
      )
      assert.ok(applied > 30, `only ${applied} documents were sound`)
    })
  })

  describe('[network]', () => {
    const text = (passphrase: string): string =>
      `${outbox}[network]\nmethod = "dhcp"\n[network.wifi]\nssid = "office"\npassphrase = "${passphrase}"\ncountry = "DE"\n`
    const passphrase = (): unknown => {
      const opened = settings.open(wifiPassphrase)
      return opened.kind === 'open' ? opened.value : opened.kind
    }

    it('is absent, and then no table of defaults', () => {
      changes(outbox)
      assert.equal('network' in settings.document, false)
      assert.deepEqual(changes(`${outbox}[network]\nmethod = "dhcp"\n`), ['network: method changed'])
      assert.equal(settings.document.network?.ipv6, 'auto')
      assert.match(settings.export(), /\[network\]\nmethod = "dhcp"\n/)
      changes(outbox)
      assert.equal('network' in settings.document, false)
    })

    it('has its secret in the vault, kept where the document says so, gone with it', () => {
      changes(text('correct horse'))
      assert.ok(!stored().includes('correct horse'))
      assert.match(settings.export(), /passphrase = "\(kept\)"/)
      assert.deepEqual(changes(settings.export()), [])
      assert.equal(passphrase(), 'correct horse')
      assert.deepEqual(changes(text('battery staple')), ['network: wifi.passphrase changed'])
      assert.equal(passphrase(), 'battery staple')
      changes(outbox)
      assert.equal(passphrase(), 'absent')
      assert.deepEqual(problems(settings.apply(text('(kept)'), who)), [
        'network: wifi.passphrase: nothing is kept for this network; write the secret itself',
      ])
    })

    it('takes certificates as they are, a key among them into the vault; a file’s name stays a name', () => {
      const certificate = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n'
      const pair = `-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n${certificate}`
      const port = (authority: string, own: string): string =>
        `${outbox}[network]\nmethod = "dhcp"\n[network.port_access]\nmethod = "eap-tls"\nidentity = "box"\nca_file = """\n${authority}"""\ncertificate_file = """\n${own}"""\n`
      changes(port(certificate, pair))
      assert.ok(!stored().includes('c2VjcmV0'))
      assert.equal(settings.document.network?.port_access?.ca_file, certificate)
      assert.equal(settings.document.network?.port_access?.certificate_file, '(kept)')
      assert.deepEqual(settings.open(portCertificate), { kind: 'open', value: pair })
      assert.deepEqual(changes(settings.export()), [])
      assert.deepEqual(settings.open(portCertificate), { kind: 'open', value: pair })
      changes(port('/etc/ca.pem', '/etc/own.pem'))
      assert.equal(settings.document.network?.port_access?.certificate_file, '/etc/own.pem')
      assert.equal(settings.open(portCertificate).kind, 'absent')
      assert.deepEqual(problems(settings.apply(port(pair, certificate), who)), [
        'network: port_access.ca_file: holds a private key, which is not to be handed over with it: the certificates alone',
        'network: port_access.certificate_file: needs one private key in PEM, and has none',
      ])
      const withoutEnd = pair.replace('-----END PRIVATE KEY-----\n', '')
      assert.deepEqual(problems(settings.apply(port(withoutEnd, pair), who)), [
        'network: port_access.ca_file: holds a private key, which is not to be handed over with it: the certificates alone',
      ])
    })
  })

  describe('(kept)', () => {
    const keptDevice = (name: string, username: string): string =>
      `[[device]]\nname = "${name}"\nusername = "${username}"\npassword = "(kept)"\n`

    it('follows a device by its username, then by its name', () => {
      changes(
        `${keptDevice('A', 'a').replace('(kept)', 'secret of a')}${keptDevice('B', 'b').replace('(kept)', 'secret of b')}`,
      )
      changes(keptDevice('B', 'a') + keptDevice('A', 'b'))
      assert.deepEqual([secret('B'), secret('A')], ['secret of a', 'secret of b'])
      changes(keptDevice('B', 'new') + keptDevice('C', 'b'))
      assert.deepEqual([secret('B'), secret('C'), secret('A')], ['secret of a', 'secret of b', 'absent'])
    })

    it('is refused where nothing is kept, and where two would inherit from one', () => {
      assert.deepEqual(problems(settings.apply(keptDevice('A', 'a'), who)), [
        'device 1 "A": password: nothing is kept for this device; write the secret itself',
      ])
      assert.deepEqual(problems(settings.apply(acs('key = "(kept)"'), who)), [
        'upstream 1 "acs": credential.key: nothing is kept for this upstream; write the secret itself',
      ])
      changes(keptDevice('A', 'a').replace('(kept)', 'secret of a'))
      assert.deepEqual(problems(settings.apply(keptDevice('B', 'a') + keptDevice('A', 'x'), who)), [
        'device 2 "A": password: nothing is kept for this device; write the secret itself',
      ])
    })

    it('still counts the characters of a short password', () => {
      changes(keptDevice('A', 'a').replace('(kept)', '1234'))
      assert.deepEqual(
        problems(settings.apply(`[[listener]]\naddress = "::"\n${keptDevice('A', 'a')}`, who)),
        [
          'device 1 "A": password: has 4 characters; with a listener beyond loopback it needs 8, or addresses',
        ],
      )
    })

    it('is gone with the device', () => {
      changes(keptDevice('A', 'a').replace('(kept)', '1234'))
      changes(outbox)
      assert.equal(secret('A'), 'absent')
      assert.equal(settings.apply(keptDevice('A', 'a'), who).kind, 'problems')
    })
  })

  describe('upstreams that leave', () => {
    it('stay as retired with their secrets until they are released', async () => {
      changes(acs('key = "b25l"') + acs('key = "dHdv"', 'acs/two'))
      changes(outbox)
      await reopen()
      assert.deepEqual(
        settings.retired().map(({ name, kind }) => [name, kind]),
        [
          ['acs', 'acs-email'],
          ['acs/two', 'acs-email'],
        ],
      )
      assert.deepEqual([key(), key('acs/two')], ['b25l', 'dHdv'])
      settings.release('acs')
      assert.deepEqual([key(), key('acs/two')], [{ kind: 'absent' }, 'dHdv'])
      assert.deepEqual(
        settings.retired().map(({ name }) => name),
        ['acs/two'],
      )
    })

    it('come back with what was kept', () => {
      changes(acs('key = "b25l"'))
      changes('schema = 1')
      assert.equal(settings.retired().length, 1)
      changes(acs('key = "(kept)"'))
      assert.deepEqual([key(), settings.retired()], ['b25l', []])
      settings.release('acs')
      assert.equal(key(), 'b25l')
    })
  })

  describe('secrets in files', () => {
    const file = (): string => join(folder, 'key')
    const named = (): string => acs(`key_file = ${JSON.stringify(file())}`)

    it('are read at start and at apply, and never copied', async () => {
      writeFileSync(file(), 'b25l\n')
      changes(named())
      assert.equal(key(), 'b25l')
      writeFileSync(file(), 'dHdv')
      assert.equal(key(), 'b25l')
      assert.deepEqual(changes(named()), ['upstream "acs": credential.key_file has another content'])
      assert.equal(key(), 'dHdv')
      writeFileSync(file(), 'dGhyZWU=')
      await reopen()
      assert.equal(key(), 'dGhyZWU=')
      assert.doesNotMatch(stored(), /b25l|dHdv|dGhyZWU=/)
    })

    it('must be there when they are named, and are missed later without stopping other changes', () => {
      assert.deepEqual(problems(settings.apply(named(), who)), [
        `upstream 1 "acs": credential.key_file: ${file()} cannot be read: ENOENT`,
      ])
      writeFileSync(file(), 'b25l')
      changes(named())
      rmSync(file())
      const application = settings.apply(`[gateway]\nname = "box"\n${named()}`, who)
      assert.equal(application.kind, 'applied')
      assert.deepEqual(key(), { kind: 'unreadable', detail: `${file()} cannot be read: ENOENT` })
    })
  })

  describe('a lost vault key', () => {
    beforeEach(async () => {
      changes(scanner('username = "scan1"\npassword = "1234"') + outbox)
      rmSync(join(folder, 'vault.key'))
      await reopen()
    })

    it('locks the secrets and nothing else', () => {
      assert.equal(settings.vaultState.kind, 'locked')
      assert.equal(secret(), 'locked')
      assert.equal(settings.setup.devices[0]?.username, 'scan1')
      assert.deepEqual(changes(settings.export()), [])
      assert.deepEqual(changes(settings.export().replace('scan1', 'scan2')), [
        'device "Scanner": username changed',
      ])
    })

    it('stores no new secret and moves no old one', () => {
      const vault = join(folder, 'vault.key')
      assert.deepEqual(problems(settings.apply(settings.export().replace('(kept)', 'new'), who)), [
        `device 1 "Scanner": password: cannot be stored: the vault is locked (${vault} is missing)`,
      ])
      assert.deepEqual(problems(settings.apply(settings.export().replace('"Scanner"', '"Other"'), who)), [
        'device 1 "Other": password: what is kept cannot move to another name while the vault does not open it',
      ])
    })
  })

  it('shows a damaged row as unreadable, and a row moved to another device too', async () => {
    const two = (name: string, user: string): string =>
      `[[device]]\nname = "${name}"\nusername = "${user}"\npassword = "of ${user}"\n`
    changes(two('A', 'a') + two('B', 'b'))
    const other = new Database(join(folder, 'settings.db'))
    other.exec(
      "UPDATE secret SET sealed = (SELECT sealed FROM secret WHERE name = 'device/A/password') WHERE name = 'device/B/password'",
    )
    other.close()
    assert.equal(secret('A'), 'of a')
    assert.equal(secret('B'), 'unreadable')
  })

  it('refuses a file that is not SQLite and leaves it', async () => {
    const elsewhere = mkdtempSync(join(tmpdir(), 'settings-'))
    writeFileSync(join(elsewhere, 'settings.db'), 'not a database '.repeat(100))
    const opening = await openSettings(elsewhere, { profile: 'checkout', now: () => now })
    assert.equal(opening.kind, 'not-a-database')
    assert.match(readFileSync(join(elsewhere, 'settings.db'), 'utf8'), /^not a database/)
    rmSync(elsewhere, { recursive: true })
  })

  it('drops audit entries that are older than the history keeps', () => {
    changes(`[history]\nkeep_audit = "90s"\n${outbox}`)
    time = wallMs(now + 90_000)
    settings.record('test', ['at the last moment'])
    settings.tidyAudit()
    assert.equal(settings.audit(9).length, 2)
    time = wallMs(now + 90_001)
    settings.tidyAudit()
    assert.deepEqual(
      settings.audit(9).map(({ what }) => what),
      [['at the last moment']],
    )
  })
})

/** Everything that is on the disk of the settings, as text. */
function readdirText(folder: string): string {
  return ['settings.db', 'settings.db-wal', 'vault.key']
    .map((name) => {
      try {
        return readFileSync(join(folder, name), 'latin1')
      } catch {
        return ''
      }
    })
    .join()
}
