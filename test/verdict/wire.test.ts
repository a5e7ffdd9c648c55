// Each verdict, made by a device on a real socket.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { SessionRecord } from '../../src/core/spool.ts'
import { minute, wallMs } from '../../src/core/time.ts'
import { type Verdict, verdictLine } from '../../src/core/verdict.ts'
import { JumpingClock } from '../clock.ts'
import { helloOf } from '../submission/hello.ts'
import { Peer } from '../submission/peer.ts'
import { Rig, type RigOptions } from '../submission/rig.ts'
import { address, device, listener, passwordOf, setup } from '../submission/setup.ts'
import { SpoolDouble } from '../submission/spool-double.ts'
import { until } from '../submission/until.ts'

const known = device('Scanner', { addresses: ['127.0.0.1'], allowedRecipients: ['*@contoso.com'] })
const panel = device('Panel', {
  username: 'scan1',
  password: passwordOf('Panel'),
  auth: ['LOGIN', 'CRAM-MD5'],
})
const other = device('Copier', { username: 'copy1', password: passwordOf('Copier') })
const passwords = {
  [passwordOf('Panel')]: 'Oly 10zI',
  [passwordOf('Copier')]: 'k7m2p9qx',
}
const oneDevice = (changes: Partial<typeof known> = {}) => setup({ devices: [{ ...known, ...changes }] })
const panels = setup({ devices: [panel, other] })

type Options = RigOptions<SpoolDouble>

/** What the session of this peer comes to. */
async function verdictOf(
  rig: Rig,
  talk: (peer: Peer) => Promise<unknown>,
  from = '127.0.0.1',
): Promise<Verdict> {
  using peer = Peer.connect(rig.port(), { localAddress: from })
  await talk(peer)
  peer.socket.end()
  await peer.closed()
  await until(() => rig.submission.openConnections() === 0)
  return told(rig.submission.sessions()[0])
}

function told(session: SessionRecord | undefined): Verdict {
  assert.ok(session?.verdict, 'no verdict')
  return session.verdict
}

async function verdict(options: Options, talk: (peer: Peer) => Promise<unknown>): Promise<Verdict> {
  await using rig = await Rig.open({ passwords, ...options })
  return await verdictOf(rig, talk)
}

const plain = (user: string, password: string): string =>
  `AUTH PLAIN ${Buffer.from(`\0${user}\0${password}`).toString('base64')}`

/** Says these lines, hears a reply to each. */
const says =
  (...lines: readonly string[]) =>
  async (peer: Peer): Promise<void> => {
    await peer.reply()
    for (const line of lines) await peer.ask(line)
  }

const mail = [
  'HELO a',
  'MAIL FROM:<a@b.test>',
  'RCPT TO:<x@contoso.com>',
  'DATA',
  'Subject: x\r\n\r\nbody\r\n.',
]
const upToRecipient = (recipient: string) => says('HELO a', 'MAIL FROM:<a@b.test>', `RCPT TO:<${recipient}>`)
const spoolWith = (kind: 'full' | 'failed'): SpoolDouble => {
  const spool = new SpoolDouble()
  spool.publication = () => Promise.resolve(kind === 'full' ? { kind } : { kind, detail: 'I/O error' })
  return spool
}

interface Case {
  readonly line: string
  readonly options?: Options
  readonly talk: (peer: Peer) => Promise<unknown>
}

const cases: readonly Case[] = [
  { line: 'F1: its mail was accepted.', talk: says(...mail) },
  {
    line: 'F2: its test mail came and stays in the outbox.',
    talk: says('HELO a', 'MAIL FROM:<a@b.test>', 'RCPT TO:<test>', 'DATA', 'Subject: x\r\n\r\nbody\r\n.'),
  },
  { line: 'F4: it looked in and sent no mail.', talk: says('EHLO a', 'QUIT') },
  {
    line: 'N2: it connects and hangs up before it says anything. Compare server, port and encryption at its panel.',
    talk: says(),
  },
  {
    line: 'N3: it speaks HTTP. Compare server, port and kind of server at its panel.',
    talk: says('GET / HTTP/1.1'),
  },
  {
    line: 'N3: it speaks a print job (PJL). Compare server, port and kind of server at its panel.',
    talk: says('\x1b%-12345X@PJL JOB'),
  },
  {
    line: 'N3: what it says is not SMTP. Compare server, port and kind of server at its panel.',
    talk: says('blah blah'),
  },
  {
    line: 'N3: its sign-in is not understood. Set its way of signing in to LOGIN or PLAIN.',
    options: { setup: panels },
    talk: says('EHLO a', 'AUTH PLAIN', 'bm8gemVybw=='),
  },
  {
    line: 'T7: it asked for encryption and hung up. Set it to SSL/TLS on the TLS port, or to no encryption.',
    talk: says('EHLO a', 'STARTTLS'),
  },
  {
    line: 'T7: it asked for encryption and went on in clear. Set it to SSL/TLS on the TLS port, or to no encryption.',
    talk: async (peer) => {
      await says('EHLO a', 'STARTTLS')(peer)
      peer.says('EHLO a\r\n')
      await peer.closed()
    },
  },
  {
    line: 'T8: the device Scanner must use encryption (require_tls). Turn on encryption at it.',
    options: { setup: oneDevice({ requireTls: true }) },
    talk: says('EHLO a', 'MAIL FROM:<a@b.test>'),
  },
  {
    line: 'A1: no device has the user name that it says. Make 127.0.0.1 a device, or type a user name of the setup.',
    options: { setup: panels },
    talk: says('EHLO a', plain('completely else', 'k7m2p9qx')),
  },
  {
    line: 'A1: no device has the user name that it says; the closest is "scan1". Type scan1 as user name.',
    options: { setup: panels },
    talk: says('EHLO a', plain('scaan1', 'whatever')),
  },
  {
    line: 'A1: no device has the user name that it says; the closest is "scan1". Type scan1 as user name.',
    options: { setup: setup({ devices: [panel] }), passwords: { [passwordOf('Panel')]: 'scan2' } },
    talk: says('EHLO a', plain('scan2', 'scan1')),
  },
  {
    line: 'A2: the password is that of Copier, the user name that of Panel. Type user name and password of the same card.',
    options: { setup: panels },
    talk: says('EHLO a', plain('scan1', 'k7m2p9qx')),
  },
  {
    line: 'A2: it says its user name as the password. Type the password again as the card shows it (device card "Panel").',
    options: { setup: panels },
    talk: says('EHLO a', plain('scan1', 'scan1')),
  },
  {
    line: 'A3: it insists on NTLM, which is not taken here. Set it to LOGIN or PLAIN.',
    options: { setup: panels },
    talk: says('EHLO a', 'AUTH NTLM'),
  },
  {
    line: 'A3: it insists on CRAM-MD5, which is not taken here. Set it to LOGIN or PLAIN, or add CRAM-MD5 to auth of Scanner.',
    talk: says('EHLO a', 'AUTH CRAM-MD5'),
  },
  {
    line: 'A3: it insists on another mechanism, which is not taken here. Set it to LOGIN or PLAIN.',
    options: { setup: panels },
    talk: says('EHLO a', 'AUTH sEcReT99'),
  },
  {
    line: 'A4: it sends without signing in, and no device without password has its address. Type user name and password at its panel, or make 127.0.0.1 a device without password.',
    options: { setup: panels },
    talk: says('EHLO a', 'MAIL FROM:<a@b.test>'),
  },
  {
    line: 'A4: it sends without signing in, and no device without password has its address. Type user name and password at its panel, or make 127.0.0.1 a device without password.',
    options: { setup: setup() },
    talk: says('EHLO a', 'MAIL FROM:<a@b.test>'),
  },
  {
    line: 'A4: the device Panel has a password and sends without signing in. Turn on signing in at its panel (device card "Panel"), or take its password away.',
    options: { setup: setup({ devices: [{ ...panel, addresses: ['127.0.0.1'] }] }) },
    talk: says('EHLO a', 'MAIL FROM:<a@b.test>'),
  },
  {
    line: 'A5: the password for Panel is wrong. Type the password again as the card shows it (device card "Panel").',
    options: { setup: panels },
    talk: says('EHLO a', plain('scan1', 'something else')),
  },
  {
    line: 'A5: the password for Panel is wrong. Type the password again as the card shows it (device card "Panel").',
    options: { setup: panels },
    talk: says('EHLO a', plain('scan1', 'something else'), 'MAIL FROM:<a@b.test>'),
  },
  {
    line: 'A5: the device Scanner has no password in the setup. Give it one (device rotate), or switch signing in off at its panel.',
    options: {
      setup: setup({
        devices: [
          { ...known, username: 'scan2', addresses: ['127.0.0.0/8'] },
          { ...panel, addresses: ['127.0.0.1'] },
        ],
      }),
    },
    talk: says('EHLO a', plain('scan2', 'x')),
  },
  {
    line: 'A6: the device Scanner is switched off in the setup. Switch Scanner on again.',
    options: { setup: oneDevice({ enabled: false }) },
    talk: says('EHLO a', 'MAIL FROM:<a@b.test>'),
  },
  {
    line: 'A6: the device Panel is switched off in the setup. Switch Panel on again.',
    options: { setup: setup({ devices: [{ ...panel, enabled: false }] }) },
    talk: says('EHLO a', plain('scan1', 'Oly 10zI')),
  },
  {
    line: 'A7: the device Panel has other addresses than 127.0.0.1. Add 127.0.0.1 to the addresses of Panel.',
    options: { setup: setup({ devices: [{ ...panel, addresses: ['192.168.7.20'] }] }) },
    talk: says('EHLO a', plain('scan1', 'Oly 10zI')),
  },
  {
    line: 'A7: the address is that of Scanner, the hardware is another: 00:1b:a9:00:00:01 and not 00:1b:a9:00:00:02. If the device was replaced, set mac of Scanner to 00:1b:a9:00:00:01.',
    options: {
      setup: oneDevice({ mac: '00:1b:a9:00:00:02' }),
      neighbours: { hardwareAt: () => Promise.resolve({ kind: 'known', mac: '00:1b:a9:00:00:01' }) },
    },
    talk: says('EHLO a', 'MAIL FROM:<a@b.test>'),
  },
  {
    line: 'S1: its sender address can not be used. Type a whole mail address as its sender, or give the device a sender in the setup.',
    talk: says('HELO a', 'MAIL FROM:<nobody>'),
  },
  {
    line: 'R1: the device Scanner may not write to "x@fabrikam.test". Correct the address, or add it to allowed_recipients of Scanner.',
    talk: upToRecipient('x@fabrikam.test'),
  },
  {
    line: 'R1: the device Scanner may not write to "anna@fabrikam.test". Correct the address, or add it to allowed_recipients of Scanner.',
    options: {
      setup: setup({ aliases: [{ name: 'anna', to: [address('anna@fabrikam.test')] }], devices: [known] }),
    },
    talk: upToRecipient('anna'),
  },
  {
    line: 'R1: the device Scanner may not write to "ben@fabrikam.test". Correct the address, or add it to allowed_recipients of Scanner.',
    options: { setup: setup({ gateway: { defaultDomain: 'fabrikam.test' }, devices: [known] }) },
    talk: upToRecipient('ben'),
  },
  {
    line: 'R1: the recipient "name@" is no address that mail can go to. Correct it in the address book of the device.',
    talk: upToRecipient('name@'),
  },
  {
    line: 'R2: the recipient "anna" has no domain. Type the whole address at it, make the name an alias, or set gateway.default_domain.',
    options: { setup: setup({ gateway: { defaultDomain: '' }, devices: [known] }) },
    talk: upToRecipient('anna'),
  },
  {
    line: 'R3: the mail has too many recipients. Send to fewer at once, use an alias for a group, or raise limits.recipients.',
    options: {
      setup: setup({
        limits: { connections: 500, connectionsPerAddress: 50, recipients: 1, memory: 48e6 },
        devices: [known],
      }),
    },
    talk: says('HELO a', 'MAIL FROM:<a@b.test>', 'RCPT TO:<x@contoso.com>', 'RCPT TO:<y@contoso.com>'),
  },
  {
    line: 'Z1: the mail is larger than 35 MB. Scan at a lower resolution or in black and white, or raise gateway.max_message_size.',
    talk: says('EHLO a', 'MAIL FROM:<a@b.test> SIZE=40000000'),
  },
  {
    line: 'Z2: the mail is too large for every way out. Scan at a lower resolution, or add a way out that takes larger mail.',
    options: { setup: oneDevice(), wayOut: () => ({ kind: 'too-large' }) },
    talk: says(...mail),
  },
  {
    line: 'W1: no way out takes this kind of mail. Switch signing or encryption of mail off at it, or give it another route.',
    options: { setup: oneDevice(), wayOut: () => ({ kind: 'no-way' }) },
    talk: says(...mail),
  },
  {
    line: 'Q1: the device Scanner sent ten times its 1 mails an hour. See what it is sending; if that is right, raise max_per_hour of Scanner.',
    options: { setup: oneDevice({ maxPerHour: 1 }) },
    talk: says(...Array.from({ length: 10 }, () => mail).flat(), ...mail.slice(0, 2)),
  },
  {
    line: 'K1: the disk of the box is full. See status: make room on the disk. The device tries again.',
    options: { setup: oneDevice(), spool: spoolWith('full') },
    talk: says(...mail),
  },
  {
    line: 'K2: the box could not store the mail. See status and the log. The device tries again.',
    options: { setup: oneDevice(), spool: spoolWith('failed') },
    talk: says(...mail),
  },
  {
    line: 'D1: the connection broke after 20 octets of the mail. Look at its Wi-Fi or cable, and send again.',
    talk: async (peer) => {
      await says(...mail.slice(0, 4))(peer)
      peer.says('Subject: x\r\n\r\nhalf a')
    },
  },
  {
    line: 'D2: it ended the mail by LF.LF, which is no end in SMTP, and waited. Let LF.LF end the mail of Scanner (data_end).',
    talk: async (peer) => {
      await says(...mail.slice(0, 4))(peer)
      peer.says('Subject: x\n\nall of it\n.\n')
    },
  },
]

describe('a verdict', () => {
  for (const { line, options, talk } of cases) {
    it(line, async () => {
      const found = await verdict(options ?? { setup: oneDevice() }, talk)
      assert.equal(verdictLine(found), line)
    })
  }

  it('names what a likely slip is, by PLAIN and CRAM-MD5 alike', async () => {
    const slips: readonly (readonly [right: string, said: string, sentence: RegExp])[] = [
      ['Scan0815', 'scan0815', /upper and lower case/],
      ['abcd2345', 'ABCD2345', /upper and lower case/],
      ['aBcD2345', 'AbCd2345', /upper and lower case/],
      ['abcd2345', 'abcd 2345', /spaces/],
      ['abcd2345', 'abcd2345 ', /spaces/],
      ['abcd2345', ' abcd2345', /spaces/],
      ['123456781234', '1234 5678 1234', /spaces/],
      ['two words', 'twowords', /spaces/],
      ['k0pier1', 'kOpier1', /look alike/],
      ['k0pier1', 'k0pierl', /look alike/],
      ['Olive', '0live', /look alike/],
      ['scanIt', 'scan1t', /look alike/],
      ['zebra7y', 'yebra7z', /y and z/],
    ]
    for (const [right, said, sentence] of slips) {
      for (const signIn of [byPlain, byCramMd5]) {
        // A room of its own for each: guesses are slowed.
        await using rig = await Rig.open({ setup: panels, passwords: { [passwordOf('Panel')]: right } })
        const found = await verdictOf(rig, (peer) => signIn(peer, 'scan1', said))
        assert.equal(found.code, 'A2', `${signIn.name} ${said}`)
        assert.match(found.sentence, sentence)
      }
    }
  })

  it('is the same reply for every reason of a refused sign-in: only the session tells', async () => {
    const off = setup({
      devices: [
        panel,
        { ...other, enabled: false },
        device('Far', { username: 'far1', password: passwordOf('Panel'), addresses: ['192.168.7.20'] }),
      ],
    })
    await using rig = await Rig.open({ setup: off, passwords })
    const heard = new Set<string>()
    const codes: string[] = []
    const attempts = [
      ['nobody', 'x'],
      ['scan1', 'oly 10zi'],
      ['scan1', 'nonsense'],
      ['copy1', 'k7m2p9qx'],
      ['far1', 'Oly 10zI'],
    ]
    for (const [user = '', password = ''] of attempts) {
      const found = await verdictOf(rig, async (peer) => {
        await says('EHLO a')(peer)
        heard.add(await peer.ask(plain(user, password)))
      })
      codes.push(found.code)
    }
    assert.deepEqual([...heard], ['535 5.7.8 User name or password is wrong A0'])
    assert.deepEqual(codes, ['A1', 'A2', 'A5', 'A6', 'A7'])
  })

  it('A8: of a locked vault', async () => {
    await using rig = await Rig.open({ setup: panels })
    const found = await verdictOf(rig, says('EHLO a', plain('scan1', 'Oly 10zI')))
    assert.match(
      verdictLine(found),
      /^A8: the stored password can not be opened: the vault is locked\. Put vault\.key/,
    )
  })

  it('A9: of guesses that are too many', async () => {
    const clock = new JumpingClock(wallMs(0))
    await using rig = await Rig.open({ setup: panels, passwords, clock })
    using guesser = Peer.connect(rig.port())
    await until(() => clock.waiting > 0)
    await clock.jump(20)
    await says('EHLO a')(guesser)
    const answered = async (answer: Promise<string>): Promise<string> => {
      let isThere = false
      answer.then(() => {
        isThere = true
      })
      while (!isThere) await clock.jump(500)
      return answer
    }
    for (let guess = 0; guess < 20; guess++) {
      assert.match(await answered(guesser.ask(plain('scan1', `guess${guess}`))), /^535/)
    }
    using late = Peer.connect(rig.port())
    await until(() => rig.submission.openConnections() === 2)
    await clock.jump(20)
    await says('EHLO a')(late)
    // One attempt is looked at, the one beside it is not.
    const looked = guesser.ask(plain('scan1', 'looked at'))
    await until(() => (rig.submission.sessions()[1]?.lines.length ?? 0) > 21 + 40)
    assert.match(
      await late.ask(plain('scan1', 'not looked at')),
      /^421 4\.7\.0 Too many wrong passwords, try later A9/,
    )
    await late.closed()
    assert.match(await answered(looked), /^535/)
    await until(() => rig.submission.openConnections() === 1)
    assert.equal(told(rig.submission.sessions()[1]).code, 'A9')
    assert.equal(told(rig.submission.sessions()[0]).code, 'A5')
  })

  it('N4, D1: of what goes silent', async () => {
    const clock = new JumpingClock(wallMs(0))
    await using rig = await Rig.open({ setup: oneDevice(), clock })
    using idle = Peer.connect(rig.port())
    using stuck = Peer.connect(rig.port())
    await until(() => clock.waiting > 1)
    await clock.jump(20)
    await idle.reply()
    await says(...mail.slice(0, 4))(stuck)
    stuck.says('Subject: x\r\n\r\nhalf')
    await until(() => clock.waiting >= 2)
    await clock.jump(5 * minute)
    assert.match(await idle.line(), /^421 4\.4\.2 Timed out N4$/)
    await clock.jump(10 * minute)
    assert.match(await stuck.line(), /^421 4\.4\.2 Timed out N4$/)
    await until(() => rig.submission.openConnections() === 0)
    const codes = rig.submission.sessions().map((session) => told(session).code)
    assert.deepEqual(codes.toSorted(), ['D1', 'N4'])
  })

  it('N5, N6: of connections that are turned away, one record for each address and reason', async () => {
    const few = { connections: 1, connectionsPerAddress: 1, recipients: 10, memory: 48e6 }
    const gateway = { trustedNetworks: ['127.0.0.1', '127.0.0.3'] }
    await using rig = await Rig.open({ setup: setup({ gateway, limits: few }) })
    for (let call = 0; call < 3; call++) {
      using stranger = Peer.connect(rig.port(), { localAddress: '127.0.0.2' })
      assert.match(await stranger.line(), /^554 5\.7\.1 Your network is not allowed here N5$/)
    }
    const records = rig.submission.sessions()
    assert.equal(records.length, 1)
    assert.deepEqual(told(records[0]).cure, {
      kind: 'setting',
      table: 'gateway',
      key: 'trusted_networks',
      adds: '127.0.0.2',
      words: 'If 127.0.0.2 is yours, add its network to trusted_networks, or make it a device.',
    })
    using open = Peer.connect(rig.port())
    await open.reply()
    using surplus = Peer.connect(rig.port(), { localAddress: '127.0.0.3' })
    assert.match(await surplus.line(), /^421 4\.7\.0 Too many connections, try later N6$/)
    const crowded = rig.submission.sessions().find((session) => session.address === '127.0.0.3')
    assert.equal(told(crowded).code, 'N6')
  })

  it('N6: of a silent session whose place another one needs', async () => {
    const clock = new JumpingClock(wallMs(0))
    const few = { connections: 1, connectionsPerAddress: 1, recipients: 10, memory: 48e6 }
    await using rig = await Rig.open({ setup: setup({ limits: few }), clock })
    using silent = Peer.connect(rig.port())
    silent.says('EHLO a\r\n')
    assert.match(await silent.line(), /^220 /)
    await clock.jump(minute)
    using _ = Peer.connect(rig.port(), { localAddress: '127.0.0.2' })
    await silent.closed()
    await until(() => rig.submission.sessions().some(({ verdict }) => verdict?.code === 'N6'))
    const record = rig.submission.sessions().find(({ address }) => address === '127.0.0.1')
    assert.deepEqual(
      [told(record).code, record?.result],
      ['N6', '421 4.7.0 Too many connections, try later N6'],
    )
  })

  it('F1 stays: of a kept session whose place another one needs after its mail', async () => {
    const clock = new JumpingClock(wallMs(0))
    const few = { connections: 1, connectionsPerAddress: 1, recipients: 10, memory: 48e6 }
    await using rig = await Rig.open({ setup: setup({ devices: [known], limits: few }), clock })
    using kept = Peer.connect(rig.port())
    await until(() => clock.waiting > 0)
    await clock.jump(20)
    await says(...mail)(kept)
    await clock.jump(minute)
    using _ = Peer.connect(rig.port(), { localAddress: '127.0.0.2' })
    await kept.closed()
    await until(() => rig.submission.sessions().some(({ result }) => result.startsWith('421')))
    assert.equal(told(rig.submission.sessions().find(({ address }) => address === '127.0.0.1')).code, 'F1')
  })

  it('N7: of a session with a thousand commands and no mail', async () => {
    const clock = new JumpingClock(wallMs(0))
    await using rig = await Rig.open({ setup: oneDevice(), clock })
    using peer = Peer.connect(rig.port())
    peer.says('NOOP\r\n'.repeat(2000))
    while (!peer.isClosed) await clock.jump(250)
    await until(() => rig.submission.openConnections() === 0)
    const { code, sentence } = told(rig.submission.sessions()[0])
    assert.deepEqual([code, sentence], ['N7', 'It gives command after command and no mail.'])
  })

  it('K3: of one that waited in vain for its turn to begin encryption', async () => {
    const clock = new JumpingClock(wallMs(0))
    await using rig = await Rig.open({ setup: oneDevice(), clock })
    const hello = await helloOf({})
    const crowd = Array.from({ length: 251 }, () => Peer.connect(rig.port()))
    try {
      for (const peer of crowd) peer.says(hello)
      await until(() => rig.submission.sessions().some(({ verdict }) => verdict !== undefined))
      const { code, sentence } = told(rig.submission.sessions().find(({ verdict }) => verdict !== undefined))
      const late = 'Too many began encryption at once, and its turn did not come.'
      assert.deepEqual([code, sentence], ['K3', late])
    } finally {
      for (const peer of crowd) peer.socket.destroy()
    }
  })

  it('K3: of a box without memory, K4: of one that stops in the middle of a mail', async () => {
    const clock = new JumpingClock(wallMs(0))
    await using rig = await Rig.open({ setup: oneDevice(), memory: 100_000, clock })
    using _ = rig.memory.tryReserve(100_000)
    using peer = Peer.connect(rig.port())
    await until(() => clock.waiting > 0)
    await clock.jump(20)
    await says(...mail.slice(0, 3))(peer)
    const answer = peer.ask('DATA')
    await until(() => rig.memory.waiting >= 1)
    await clock.jump(20_000)
    assert.match(await answer, /^452 4\.3\.1 Busy, try later K3/)
    peer.socket.end()
    await until(() => rig.submission.openConnections() === 0)
    assert.equal(told(rig.submission.sessions()[0]).code, 'K3')

    const stopping = await Rig.open({ setup: oneDevice() })
    using cut = Peer.connect(stopping.port())
    await says(...mail.slice(0, 4))(cut)
    await stopping.submission.stop(AbortSignal.abort())
    assert.equal(told(stopping.submission.sessions()[0]).code, 'K4')
  })

  it('F5: of a device that signed in by POP3', async () => {
    const pop = setup({ devices: [panel], listeners: [listener('submission', { protocol: 'pop3' })] })
    const found = await verdict({ setup: pop }, async (peer) => {
      await peer.line()
      await peer.ask('USER scan1')
      assert.match(await peer.ask('PASS Oly 10zI'), /^\+OK/)
    })
    assert.equal(found.code, 'F5')
  })

  it('is told of an open session only where something happened', async () => {
    await using rig = await Rig.open({ setup: oneDevice() })
    using peer = Peer.connect(rig.port())
    await says('HELO a')(peer)
    assert.equal(rig.submission.sessions()[0]?.verdict, undefined)
    await peer.ask('MAIL FROM:<a@b.test>')
    await peer.ask('RCPT TO:<x@fabrikam.test>')
    assert.equal(rig.submission.sessions()[0]?.verdict?.code, 'R1')
  })

  it('is fine with a note where a later mail made it good, and a fault where the last one failed', async () => {
    const trouble = ['MAIL FROM:<a@b.test>', 'RCPT TO:<x@fabrikam.test>', 'RSET']
    const good = await verdict({ setup: oneDevice() }, says('HELO a', ...trouble, ...mail.slice(1)))
    assert.equal(good.code, 'F1')
    assert.deepEqual(good.evidence, [
      '1 mail was accepted',
      'before that R1: The device Scanner may not write to "x@fabrikam.test".',
    ])
    const bad = await verdict({ setup: oneDevice() }, says(...mail, ...trouble))
    assert.equal(bad.code, 'R1')
    assert.deepEqual(bad.evidence, ['RCPT TO:<x@fabrikam.test>', '1 mail was accepted before'])
  })
})

const byPlain = async (peer: Peer, user: string, password: string): Promise<void> => {
  await says('EHLO a', plain(user, password))(peer)
}

async function byCramMd5(peer: Peer, user: string, password: string): Promise<void> {
  const { createHmac } = await import('node:crypto')
  await says('EHLO a')(peer)
  const challenge = Buffer.from((await peer.ask('AUTH CRAM-MD5')).slice(4), 'base64')
  const digest = createHmac('md5', password).update(challenge).digest('hex')
  await peer.ask(Buffer.from(`${user} ${digest}`).toString('base64'))
}

describe('no verdict tells a secret', () => {
  it('that was said in any place of a sign-in', async () => {
    const secrets = ['k7m2p9qx', 'scan2', 'Oly 10zI', 'oly 10zi', 'hunter2hunter2', 'copy1copy1']
    const ways: readonly ((secret: string) => readonly string[])[] = [
      (secret) => [plain('scan1', secret)],
      (secret) => [plain(secret, secret)],
      (secret) => [plain(secret, 'scan1')],
      (secret) => [
        'AUTH LOGIN',
        Buffer.from('scan1').toString('base64'),
        Buffer.from(secret).toString('base64'),
      ],
      (secret) => [`AUTH ${secret}`],
      (secret) => [`PASS ${secret}`],
      (secret) => [secret],
      (secret) => [Buffer.from(secret).toString('base64')],
    ]
    const box = setup({
      devices: [panel, other, device('Third', { username: 'scan3', password: passwordOf('Third') })],
    })
    await using rig = await Rig.open({
      setup: box,
      passwords: { ...passwords, [passwordOf('Third')]: 'scan2' },
    })
    for (const secret of secrets) {
      for (const [at, way] of ways.entries()) {
        // Each from an address of its own, so that guesses do not slow each other.
        const from = `127.0.1.${1 + at + ways.length * secrets.indexOf(secret)}`
        const found = await verdictOf(rig, says('EHLO a', ...way(secret)), from)
        const text = JSON.stringify(found)
        for (const said of [secret, Buffer.from(secret).toString('base64')]) {
          assert.ok(!text.includes(said), `${secret}, way ${at}: ${text}`)
        }
      }
    }
  })
})
