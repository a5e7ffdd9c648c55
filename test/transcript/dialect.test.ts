// How devices speak, one transcript for each thing they were seen to do, named after where it was seen; the table for
// people is docs/devices.md. The submission room on real sockets.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { DeviceSetup, ListenerSetup } from '../../src/core/setup.ts'
import { helloOf } from '../submission/hello.ts'
import { Peer } from '../submission/peer.ts'
import { Rig } from '../submission/rig.ts'
import { address, device, listener, passwordOf, setup } from '../submission/setup.ts'

const panel = device('Panel', { addresses: ['127.0.0.1'], sender: address('panel@contoso.com') })
const scanner = device('Scanner', {
  username: 'scan1',
  password: passwordOf('Scanner'),
  sender: address('scanner@contoso.com'),
})
const passwords = { [passwordOf('Scanner')]: '1234' }

interface Course {
  /** The source and what was seen there. */
  readonly name: string
  /** The repair's name in the transcript; none where nothing had to be repaired. */
  readonly quirk?: string
  readonly devices?: readonly DeviceSetup[]
  readonly listener?: Partial<ListenerSetup>
  /** The dialogue; `MAIL` stands for an envelope and a message in plain SMTP, `DATA` for the message alone. */
  readonly says: string
  /** Reverse-path of each message that is on disk at the end. */
  readonly from?: readonly string[]
}

const data = `
  C: DATA
  S: 354 *
  C: Subject: scan
  C:
  C: page 1
  C: .
  S: 250 2.0.0 Ok *`
const mail = `
  C: MAIL FROM:<a@b.test>
  S: 250 2.1.0 Ok
  C: RCPT TO:<x@y.test>
  S: 250 2.1.5 Ok${data}`
const helo = `
  S: 220 *
  C: HELO a
  S: 250 *`
const rcpt = `
  C: RCPT TO:<x@y.test>
  S: 250 2.1.5 Ok`

const names = [
  '_',
  'localhost',
  '127.0.0.1',
  '[192.168.1.21]',
  'fe80::1',
  '00:11:22:33:44:55',
  '7kO2OrE',
  'a.b.',
]

const courses: readonly Course[] = [
  {
    name: 'OpenSMTPD#1054: a UPS says HELO and a blank',
    quirk: 'helo-empty',
    says: `S: 220 *\nC: HELO \nS: 250 box.local${mail}`,
    from: ['a@b.test'],
  },
  {
    name: 'simple.mailserver#5: a Danfoss drive says HELO alone',
    quirk: 'helo-empty',
    says: `S: 220 *\nC: HELO\nS: 250 box.local${mail}`,
    from: ['a@b.test'],
  },
  ...names.map((name) => ({
    name: `roundcubemail#6408, nextcloud#14941, qBittorrent#1845, james-project#3164, mox#55: HELO ${name}`,
    says: `S: 220 *\nC: HELO ${name}\nS: 250 box.local${mail}`,
    from: ['a@b.test'],
  })),
  {
    name: 'devices that greet with the name from their panel, blanks and all',
    quirk: 'helo-odd',
    says: `S: 220 *\nC: EHLO Front desk scanner\n${'S: 250-*\n'.repeat(7)}S: 250 SMTPUTF8${mail}`,
    from: ['a@b.test'],
  },
  {
    name: 'smtp2mqtt#1: a camera says EHLO, then HELO, then AUTH LOGIN',
    devices: [scanner],
    says: `S: 220 *\nC: EHLO cam\n${'S: 250-*\n'.repeat(7)}S: 250 SMTPUTF8
      C: HELO cam
      S: 250 box.local
      C: AUTH LOGIN
      S: 334 VXNlcm5hbWU6
      C: c2NhbjE=
      S: 334 UGFzc3dvcmQ6
      C: MTIzNA==
      S: 235 2.7.0 Authentication successful${mail}`,
    from: ['a@b.test'],
  },
  {
    name: 'smtp-oauth-relay#57, aiosmtpd#566: a Xerox leaves unless the prompts are exactly these',
    devices: [scanner],
    says: `${helo}
      C: AUTH LOGIN
      S: 334 VXNlcm5hbWU6
      C: c2NhbjE=
      S: 334 UGFzc3dvcmQ6
      C: MTIzNA==
      S: 235 2.7.0 Authentication successful${mail}`,
    from: ['a@b.test'],
  },
  {
    name: 'smtp4dev#17, aiosmtpd#219, aiosmtpd#542: the user name stands on the AUTH LOGIN line, in lower case',
    devices: [scanner],
    says: `${helo}
      C: auth login c2NhbjE=
      S: 334 UGFzc3dvcmQ6
      C: MTIzNA==
      S: 235 2.7.0 Authentication successful${mail}`,
    from: ['a@b.test'],
  },
  {
    name: 'nodemailer#1081: AUTH although only HELO was said, which offers nothing',
    devices: [scanner],
    says: `${helo}
      C: AUTH PLAIN AHNjYW4xADEyMzQ=
      S: 235 2.7.0 Authentication successful${mail}`,
    from: ['a@b.test'],
  },
  {
    name: 'a panel whose AUTH cannot be switched off, known by its address alone, says anything',
    quirk: 'no password is set for Panel',
    says: `${helo}
      C: AUTH PLAIN AGZvbwBiYXI=
      S: 235 2.7.0 Authentication successful${mail}`,
    from: ['a@b.test'],
  },
  {
    name: 'AUTH before any greeting',
    quirk: 'no-helo',
    devices: [scanner],
    says: `S: 220 *
      C: AUTH PLAIN AHNjYW4xADEyMzQ=
      S: 235 2.7.0 Authentication successful${mail}`,
    from: ['a@b.test'],
  },
  {
    name: 'Canon Send Kit: NTLM and GSSAPI are tried first, CRAM-MD5 where nobody listed it, then LOGIN',
    devices: [scanner],
    says: `${helo}
      C: AUTH NTLM TlRMTVNTUAABAAAA
      S: 504 5.5.4 Use AUTH LOGIN or PLAIN A3
      C: AUTH GSSAPI
      S: 504 5.5.4 Use AUTH LOGIN or PLAIN A3
      C: AUTH CRAM-MD5
      S: 504 5.5.4 Use AUTH LOGIN or PLAIN A3
      C: AUTH LOGIN c2NhbjE=
      S: 334 UGFzc3dvcmQ6
      C: MTIzNA==
      S: 235 2.7.0 Authentication successful${mail}`,
    from: ['a@b.test'],
  },
  {
    name: 'postal#1245: an HP says HELO, then a line of base64; the session goes on',
    says: `${helo}
      C: SFAgTGFzZXJKZXQgTTQ3OGYgTUZQ
      S: 500 5.5.2 Command not understood${mail}`,
    from: ['a@b.test'],
  },
  {
    name: 'SmtpServer#219: an LSI MegaRAID leaves the brackets out',
    quirk: 'mail-no-brackets',
    says: `${helo}
      C: MAIL FROM:raid@contoso.com
      S: 250 2.1.0 Ok
      C: RCPT TO:x@y.test
      S: 250 2.1.5 Ok${data}`,
    from: ['raid@contoso.com'],
  },
  {
    name: 'SMTP2Graph#24, nodemailer/smtp-server#120: MAIL From: me@x, RCPT To: you@y',
    quirk: 'mail-space, mail-no-brackets',
    says: `${helo}
      C: MAIL From: scanner@contoso.com
      S: 250 2.1.0 Ok
      C: RCPT To: x@y.test
      S: 250 2.1.5 Ok${data}`,
    from: ['scanner@contoso.com'],
  },
  {
    name: 'mox#101, KumoMTA PR#559: a blank before the path',
    quirk: 'mail-space',
    says: `${helo}
      C: MAIL FROM: <scanner@contoso.com>
      S: 250 2.1.0 Ok
      C: RCPT TO: <x@y.test>
      S: 250 2.1.5 Ok${data}`,
    from: ['scanner@contoso.com'],
  },
  {
    name: 'nodemailer/smtp-server#259: an iLO says <local.@domain>',
    quirk: 'mail-dot',
    says: `${helo}
      C: MAIL FROM:<ilo-czj2.@contoso.com>
      S: 250 2.1.0 Ok${rcpt}${data}`,
    from: ['ilo-czj2@contoso.com'],
  },
  {
    name: 'a domain that ends in a dot, of the sender and of a recipient',
    quirk: 'mail-dot',
    says: `${helo}
      C: MAIL FROM:<a@contoso.com.>
      S: 250 2.1.0 Ok
      C: RCPT TO:<x@y.test.>
      S: 250 2.1.5 Ok${data}`,
    from: ['a@contoso.com'],
  },
  {
    name: 'ESP32-CAM#135: MAIL FROM:<scanner>: the configured sender stands for it',
    quirk: 'mail-no-domain',
    says: `${helo}
      C: MAIL FROM:<scanner>
      S: 250 2.1.0 Ok${rcpt}${data}`,
    from: ['panel@contoso.com'],
  },
  {
    name: 'ESP32-CAM#135: MAIL FROM: and nothing behind it',
    quirk: 'mail-no-domain',
    says: `${helo}
      C: MAIL FROM:
      S: 250 2.1.0 Ok${rcpt}${data}`,
    from: ['panel@contoso.com'],
  },
  {
    name: 'murphysean/smtp#3: AUTH=<> and parameters that nobody knows',
    quirk: 'mail-params',
    says: `${helo}
      C: MAIL FROM:<a@b.test> AUTH=<> X-JOB=7 SIZE= BODY=BINARY
      S: 250 2.1.0 Ok
      C: RCPT TO:<x@y.test> X-COPY
      S: 250 2.1.5 Ok${data}`,
    from: ['a@b.test'],
  },
  {
    name: 'a display name in MAIL FROM and RCPT TO',
    quirk: 'mail-display-name',
    says: `${helo}
      C: MAIL FROM:"Front desk" <a@b.test>
      S: 250 2.1.0 Ok
      C: RCPT TO:Anna Meier <x@y.test>
      S: 250 2.1.5 Ok${data}`,
    from: ['a@b.test'],
  },
  {
    name: 'a second MAIL without RSET behind a refused recipient',
    quirk: 'mail-again',
    says: `${helo}
      C: MAIL FROM:<a@b.test>
      S: 250 2.1.0 Ok
      C: RCPT TO:<@>
      S: 501 5.1.3 Recipient address not understood R1
      C: MAIL FROM:<b@b.test>
      S: 250 2.1.0 Ok${rcpt}${data}`,
    from: ['b@b.test'],
  },
  {
    name: 'MAIL before HELO',
    quirk: 'no-helo',
    says: `S: 220 *${mail}`,
    from: ['a@b.test'],
  },
  {
    name: 'blanks before and behind commands',
    quirk: 'outer-blanks',
    says: `S: 220 *
      C:   HELO a  \\x20
      S: 250 *
      C: MAIL FROM:<a@b.test>\\x20
      S: 250 2.1.0 Ok${rcpt}
      C: DATA\\x20\\x20
      S: 354 *
      C: .
      S: 250 2.0.0 Ok 1
      C: QUIT\\x20
      S: 221 *`,
    from: ['a@b.test'],
  },
  {
    name: 'lower case, which is SMTP too',
    says: `S: 220 *
      C: helo a
      S: 250 *
      C: mail from:<a@b.test>
      S: 250 2.1.0 Ok
      C: rcpt to:<x@y.test>
      S: 250 2.1.5 Ok
      C: data
      S: 354 *
      C: .
      S: 250 2.0.0 Ok 1
      C: quit
      S: 221 *`,
    from: ['a@b.test'],
  },
  {
    name: 'midi-smtp-server#16: command lines end in LF',
    says: `S: 220 *
      C: HELO a\\nMAIL FROM:<a@b.test>\\nRCPT TO:<x@y.test>\\nDATA\\n\\
      S: 250 *
      S: 250 2.1.0 Ok
      S: 250 2.1.5 Ok
      S: 354 *
      C: Subject: scan\\n\\npage 1\\r\\n.\\r\\n\\
      S: 250 2.0.0 Ok 1`,
    from: ['a@b.test'],
  },
  {
    name: 'apple/cups#3011, midi-smtp-server#16: a device set to data_end = "lf" ends DATA by . and LF',
    quirk: 'dot-lf',
    devices: [{ ...panel, dataEnd: 'lf' }],
    says: `${helo}
      C: MAIL FROM:<a@b.test>
      S: 250 2.1.0 Ok${rcpt}
      C: DATA
      S: 354 *
      C: Subject: scan\\n\\n..page 1\\n.\\nMAIL FROM:<evil@b.test>\\r\\nNOOP\\r\\n\\
      S: 250 2.0.0 Ok 1
      S: (closed)`,
    from: ['a@b.test'],
  },
  {
    name: 'a device set to data_end = "lf" that ends DATA as SMTP does goes on',
    devices: [{ ...panel, dataEnd: 'lf' }],
    says: `${helo}${mail}${mail}`,
    from: ['a@b.test', 'a@b.test'],
  },
  {
    name: 'koush/scrypted#450: a camera says EHLO RT-IPC before the banner',
    says: `C: EHLO RT-IPC
      S: 220 box.local ESMTP inkpost
      ${'S: 250-*\n'.repeat(7)}S: 250 SMTPUTF8${mail}`,
    from: ['a@b.test'],
  },
  {
    name: 'unifi-voucher-site#83: plain SMTP on the implicit port',
    listener: { security: 'implicit' },
    says: `C: HELO a\nS: 220 *\nS: 250 *${mail}`,
    from: ['a@b.test'],
  },
  {
    name: 'unifi-voucher-site#83: silence on the implicit port gets a banner in clear',
    listener: { security: 'implicit' },
    says: `S: 220 box.local ESMTP inkpost\nC: HELO a\nS: 250 *${mail}`,
    from: ['a@b.test'],
  },
  {
    name: 'smtp-oauth-relay#70: an old HP uses STARTTLS whenever it is offered: tls = "plain" hides it',
    devices: [{ ...panel, tls: 'plain' }],
    says: `S: 220 *
      C: EHLO hp
      S: 250-box.local
      S: 250-PIPELINING
      S: 250-SIZE 35000000
      S: 250-AUTH LOGIN PLAIN
      S: 250-ENHANCEDSTATUSCODES
      S: 250-8BITMIME
      S: 250 SMTPUTF8
      C: STARTTLS
      S: 502 5.5.1 STARTTLS is not offered${mail}`,
    from: ['a@b.test'],
  },
  {
    name: 'Siemens S7-1200, ApeosPort-IV: no TLS, no AUTH, HELO on a plain port',
    listener: { security: 'plain' },
    says: `${helo}${mail}`,
    from: ['a@b.test'],
  },
  {
    name: 'Ricoh: over a hundred recipients in several mails of one session',
    says: `${helo}${mail}${mail}${mail}`,
    from: ['a@b.test', 'a@b.test', 'a@b.test'],
  },
]

const linesOf = (rig: Rig, from: string) =>
  rig.submission.sessions().flatMap(({ lines }) => lines.filter((line) => line.from === from))

describe('devices and their dialect', () => {
  for (const { name, quirk, devices = [panel], listener: changes = {}, says, from = [] } of courses) {
    it(name, async () => {
      const listeners = [listener('submission', changes)]
      await using rig = await Rig.open({ setup: setup({ devices, listeners }), passwords })
      using peer = Peer.connect(rig.port())
      await peer.play(says)
      assert.deepEqual(
        rig.spool.spooled.map(({ message }) => message.envelope.reversePath),
        from,
      )
      const notes = linesOf(rig, 'note').map(({ text }) => text)
      if (quirk !== undefined)
        assert.ok(
          notes.some((text) => text.startsWith(quirk)),
          notes.join('\n'),
        )
      else
        assert.deepEqual(
          notes.filter((text) => /^(helo|mail|outer|dot)-/.test(text)),
          [],
        )
    })
  }

  describe('TLS', () => {
    const listeners = [listener('submission'), listener('plain', { security: 'plain' })]
    const secureMail = `S: 220 *\nC: HELO hp\nS: 250 *${mail}`
    const notes = (rig: Rig): string =>
      linesOf(rig, 'note')
        .map(({ text }) => text)
        .join('\n')

    it('postal#2005, postal#2404: an HP sends a ClientHello to port 25 or 587', async () => {
      await using rig = await Rig.open({ setup: setup({ devices: [panel], listeners }) })
      for (const { name } of listeners) {
        using peer = Peer.connectTls(rig.port(name))
        await peer.play(secureMail)
      }
      assert.equal(rig.spool.spooled.length, 2)
    })

    it('postal#2404: a ClientHello that crosses the banner is told from a command, and noted', async () => {
      await using rig = await Rig.open({ setup: setup({ devices: [panel], listeners }) })
      using late = Peer.connect(rig.port())
      await late.play('S: 220 *')
      late.says(await helloOf({}))
      await late.closed()
      assert.match(notes(rig), /TLS began after the banner/)
    })

    const suites = ['AES256-SHA', 'AES128-SHA']
    for (const suite of suites) {
      it(`smtp-oauth-relay#70, Mailu#4054, Docker-CommunityServer#11: TLS 1.0 alone, static RSA, ${suite}`, async () => {
        await using rig = await Rig.open({ setup: setup({ devices: [panel], listeners }) })
        const only = { minVersion: 'TLSv1', maxVersion: 'TLSv1', ciphers: `${suite}:@SECLEVEL=0` } as const
        using upgraded = Peer.connect(rig.port())
        await upgraded.play('S: 220 *\nC: HELO hp\nS: 250 *\nC: STARTTLS\nS: 220 2.0.0 *')
        await upgraded.startTls(only)
        await upgraded.play(`C: HELO hp\nS: 250 *${mail}`)
        assert.match(notes(rig), new RegExp(`TLS on: TLSv1 ${suite}`))
      })
    }

    it('docker-mailserver#1145: no shared cipher: the session shows what the device offered', async () => {
      const strict = [listener('submission', { tls: 'modern' })]
      await using rig = await Rig.open({ setup: setup({ devices: [panel], listeners: strict }) })
      using peer = Peer.connect(rig.port())
      peer.says(
        await helloOf({ minVersion: 'TLSv1', maxVersion: 'TLSv1', ciphers: 'AES128-SHA:@SECLEVEL=0' }),
      )
      await peer.closed()
      assert.match(notes(rig), /TLS offers up to TLS 1\.0; .*AES128-SHA/)
      assert.match(notes(rig), /TLS refused: /)
    })

    it('Canon Send Kit: sends in clear where STARTTLS is missing: the session shows no TLS', async () => {
      await using rig = await Rig.open({ setup: setup({ devices: [panel], listeners }) })
      using peer = Peer.connect(rig.port('plain'))
      await peer.play(`${helo}${mail}`)
      assert.equal(rig.submission.sessions()[0]?.tls, '')
    })
  })

  it('postal#1245, HP Digital Sender, Ricoh: probes that leave after HELO, AUTH or RCPT are no alarm and no ban', async () => {
    await using rig = await Rig.open({ setup: setup({ devices: [panel] }), passwords })
    const probes = [
      `S: 220 *`,
      helo,
      `${helo}\nC: AUTH PLAIN AHgAeQ==\nS: 235 *`,
      `${helo}\nC: MAIL FROM:<a@b.test>\nS: 250 *${rcpt}`,
    ]
    for (let round = 0; round < 15; round++) {
      for (const probe of probes) {
        using peer = Peer.connect(rig.port())
        await peer.play(probe)
      }
    }
    using peer = Peer.connect(rig.port())
    await peer.play(`${helo}${mail}`)
    assert.deepEqual(
      rig.log.filter(({ event }) => event !== 'accepted'),
      [],
    )
  })

  it('postal#2732: Toshiba, Kyocera: DATA that never ends shows its last octets when the device leaves', async () => {
    await using rig = await Rig.open({ setup: setup({ devices: [panel] }) })
    using peer = Peer.connect(rig.port())
    await peer.play(`${helo}\nC: MAIL FROM:<a@b.test>\nS: 250 *${rcpt}\nC: DATA\nS: 354 *`)
    peer.says('Subject: scan\r\n\r\npage 1\r\n.\n')
    peer.socket.end()
    await peer.closed()
    const notes = linesOf(rig, 'note').map(({ text }) => text)
    assert.ok(
      notes.some((text) => /^no end of DATA after \d+ octets; last: [0-9a-f]*0d0a2e0a$/.test(text)),
      notes.join('\n'),
    )
    assert.deepEqual(rig.spool.spooled, [])
  })
})
