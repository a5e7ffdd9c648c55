// `make soak`: the tests that have counts, with their full counts (1,000 kills; INKPOST_KILLS says others); the report
// goes to docs/soak.md, with the counts that were.
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'

interface Suite {
  readonly name: string
  readonly files: readonly string[]
  readonly shows: string
}

const suites: readonly Suite[] = [
  {
    name: 'kills',
    files: ['test/crash/kill.test.ts'],
    shows: 'kill -9 under load: nothing acknowledged is lost, nobody gets a mail twice',
  },
  {
    name: 'durability of the spool',
    files: ['src/spool/durability.test.ts'],
    shows: 'the spool alone, killed while it publishes',
  },
  {
    name: 'trouble',
    files: ['test/end-to-end/trouble.test.ts'],
    shows: 'quotas, expired secrets, outages of an hour and of 14 days',
  },
  {
    name: 'old TLS',
    files: ['test/tls/*.test.ts'],
    shows:
      'Java, Bouncy Castle, NSS, GnuTLS, OpenSSL 3 and 1.0.1 by protocol and suite; 300,000 broken hellos, 20,000 broken sessions',
  },
  {
    name: 'broken dialogues',
    files: ['test/fuzz/*.test.ts', 'test/abuse/*.test.ts'],
    shows:
      '300,000 broken commands, 300,000 broken hellos of today, 20,000 broken SMTP sessions: none escapes, none stays; a crowd of a thousand',
  },
  {
    name: 'emulators',
    files: ['test/emulator/*.test.ts'],
    shows: 'signatures, tokens, schema, quotas and faults of the emulated services',
  },
]

const rows = suites.map((suite) => {
  console.error(`soak: ${suite.name} …`)
  const started = performance.now()
  const done = spawnSync(process.execPath, ['--no-warnings', '--test', ...suite.files], {
    encoding: 'utf8',
    env: { ...process.env, INKPOST_SOAK: '1' },
    maxBuffer: 1 << 28,
  })
  const minutes = (performance.now() - started) / 60_000
  const said =
    /^(\d+ kills, .*)$/m.exec(done.stdout)?.[1] ?? `${/^ℹ pass (\d+)/m.exec(done.stdout)?.[1] ?? 0} passed`
  if (done.status !== 0) console.error(done.stdout.slice(-4000))
  return { ...suite, passed: done.status === 0, minutes, said }
})

const table = rows.map(
  ({ name, shows, passed, minutes, said }) =>
    `| ${name} | ${shows} | ${passed ? said : 'FAILED'} | ${minutes.toFixed(1)} min |`,
)
const kills = process.env['INKPOST_KILLS']
const command = `${kills === undefined ? '' : `INKPOST_KILLS=${kills} `}make soak`
writeFileSync(
  'docs/soak.md',
  `# Soak

Written by \`${command}\` on ${new Date().toISOString().slice(0, 10)}: ${cpus().length} cores, ${Math.round(totalmem() / 1e9)} GB, Node ${process.version}.

| suite | shows | result | took |
| --- | --- | --- | --- |
${table.join('\n')}
`,
)
process.exitCode = rows.every(({ passed }) => passed) ? 0 : 1
