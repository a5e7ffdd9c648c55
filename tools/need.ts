// Sees that the independent clients of the tests are there: installs them from Debian where it may, else says in one
// line what to install and fails.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'

const needs: Readonly<Record<string, readonly { readonly file: string; readonly debian: string }[]>> = {
  test: [
    { file: 'swaks', debian: 'swaks' },
    { file: 'curl', debian: 'curl' },
    { file: 'openssl', debian: 'openssl' },
    { file: 'python3', debian: 'python3' },
    { file: '/sbin/ip|/usr/sbin/ip', debian: 'iproute2' },
    {
      file: '/usr/share/perl5/Net/SSLeay.pm|/usr/lib/x86_64-linux-gnu/perl5/5.36/Net/SSLeay.pm',
      debian: 'libnet-ssleay-perl',
    },
    { file: '/usr/share/perl5/Authen/SASL.pm', debian: 'libauthen-sasl-perl' },
    { file: '/usr/share/perl5/Digest/HMAC_MD5.pm', debian: 'libdigest-hmac-perl' },
    { file: 'sslscan', debian: 'sslscan' },
    // TLS that OpenSSL has no more: test/tls.
    { file: 'javac', debian: 'openjdk-17-jdk-headless' },
    { file: 'tstclnt', debian: 'libnss3-tools' },
    { file: 'gnutls-cli', debian: 'gnutls-bin' },
    // The receiver of alerts: test/syslog-server.ts.
    { file: '/usr/sbin/rsyslogd', debian: 'rsyslog' },
    {
      file: '/usr/lib/x86_64-linux-gnu/rsyslog/lmnsd_gtls.so|/usr/lib/aarch64-linux-gnu/rsyslog/lmnsd_gtls.so',
      debian: 'rsyslog-gnutls',
    },
    { file: '/usr/share/java/bctls.jar', debian: 'libbctls-java' },
  ],
  bench: [{ file: '/usr/sbin/postfix', debian: 'postfix' }],
}

const wanted = [...(needs['test'] ?? []), ...(needs[process.argv[2] ?? ''] ?? [])]
const missing = [...new Set(wanted.filter((need) => !isThere(need.file)).map((need) => need.debian))]
if (missing.length > 0) install(missing)

function isThere(file: string): boolean {
  if (file.startsWith('/')) return file.split('|').some((path) => existsSync(path))
  return (process.env['PATH'] ?? '').split(':').some((folder) => existsSync(`${folder}/${file}`))
}

function install(packages: readonly string[]): void {
  const command = `apt-get install -y ${packages.join(' ')}`
  if (process.getuid?.() !== 0) {
    fail(`these tests need: sudo ${command}`)
    return
  }
  console.error(`Installing ${packages.join(', ')} …`)
  const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  spawnSync('apt-get', ['update', '-qq'], { stdio: ['ignore', 'ignore', 'inherit'], env: environment })
  const { status } = spawnSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...packages], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: environment,
  })
  if (status !== 0) fail(`could not install; by hand: ${command}`)
}

function fail(sentence: string): void {
  console.error(sentence)
  process.exitCode = 1
}
