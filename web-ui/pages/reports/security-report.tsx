import type { SecurityFacts } from '../../../src/core/security-facts.ts'
import { Answered } from '../../parts/answered.tsx'
import { Icon } from '../../parts/icon.tsx'
import { Paper } from '../../parts/paper.tsx'
import { Sheet } from '../../parts/sheet.tsx'
import { useAnswer } from '../../parts/use-answer.ts'
import { formatDay, formatTime } from '../../words/formats.ts'
import { t } from '../../words/language.ts'
import { SelfTests } from './self-tests.tsx'

interface SecurityPaper {
  readonly text: string
  readonly data: SecurityFacts
}

/** One page for a security officer, to read here or to print. */
export function SecurityReport() {
  // Every diagnosis is run for it, as `doctor` does.
  const known = useAnswer<SecurityPaper>('/reports/security')
  return (
    <Answered known={known}>
      {({ text, data }) => (
        <>
          <p class="buttons">
            <button type="button" onClick={() => print()}>
              <Icon name="printer" />
              {t('do.print')}
            </button>
          </p>
          <p>{t('security.of', { box: data.box, time: formatTime(data.at) })}</p>
          <Sheets facts={data} />
          <details class="screen-only">
            <summary>{t('quotas.text')}</summary>
            <Paper label={t('reports.security')} text={text} file={`security-${data.box}.txt`} />
          </details>
        </>
      )}
    </Answered>
  )
}

function Sheets({ facts }: { readonly facts: SecurityFacts }) {
  return (
    <>
      <Sheet
        title={t('security.entrances')}
        columns={[
          t('security.what'),
          t('security.port'),
          t('security.at'),
          t('security.encryption'),
          t('security.from'),
        ]}
        rows={facts.entrances.map(({ what, port, address, encryption, reachableFrom, trouble }) => [
          what,
          String(port),
          address,
          encryption,
          trouble === '' ? reachableFrom.join(', ') : trouble,
        ])}
        empty={t('security.nothing')}
      />
      <Sheet
        title={t('security.ways-out')}
        columns={[
          t('security.name'),
          t('security.kind'),
          t('security.to'),
          t('security.encryption'),
          t('security.sign-in'),
        ]}
        rows={facts.waysOut.map(({ name, kind, to, encryption, signsInBy, enabled }) => [
          enabled ? name : `${name} (${t('upstreams.off')})`,
          kind,
          to,
          encryption,
          signsInBy,
        ])}
        empty={t('security.nothing')}
      />
      <Devices facts={facts} />
      <Weakenings facts={facts} />
      <Sheet
        title={t('more.operators')}
        columns={[t('security.name'), t('operators.role'), t('account.factor')]}
        rows={facts.operators.map(({ name, role, hasSecondFactor }) => [
          name,
          role,
          hasSecondFactor === undefined ? '' : t(hasSecondFactor ? 'health.yes' : 'health.no'),
        ])}
        empty={t('security.nothing')}
      />
      <Sheet
        title={t('more.calendar')}
        columns={[t('security.what'), t('security.when')]}
        rows={facts.calendar.map(({ what, when }) => [what, when])}
        empty={t('calendar.empty')}
      />
      <SelfTests facts={facts} />
      <Versions facts={facts} />
    </>
  )
}

function Devices({ facts: { devices } }: { readonly facts: SecurityFacts }) {
  return (
    <Sheet
      title={t('nav.devices')}
      columns={[
        t('security.name'),
        t('security.sign-in'),
        t('security.last-seen'),
        t('security.encryption'),
        t('security.weak'),
      ]}
      rows={devices.map(({ name, enabled, signsInBy, tls, lastSeen, weak }) => [
        enabled ? name : `${name} (${t('upstreams.off')})`,
        signsInBy,
        lastSeen === undefined ? t('security.not-seen') : formatDay(lastSeen),
        lastSeen === undefined ? '' : tls === '' ? t('security.in-clear') : tls,
        weak,
      ])}
      empty={t('security.nothing')}
    />
  )
}

function Weakenings({ facts: { weakenings } }: { readonly facts: SecurityFacts }) {
  return (
    <Sheet
      title={t('security.weakenings')}
      columns={[t('security.what'), t('security.until'), t('security.by')]}
      rows={weakenings.map(({ what, until, by }) => [
        what,
        until === '' ? t('security.for-good') : until,
        by === undefined ? t('security.by-default') : `${by.who}, ${formatDay(by.at)}`,
      ])}
      empty={t('security.nothing')}
    />
  )
}

function Versions({ facts: { versions } }: { readonly facts: SecurityFacts }) {
  const { inkpost, built, node, openssl, packages } = versions
  return (
    <section>
      <h2>{t('security.versions')}</h2>
      <p>
        <bdi>{`inkpost ${inkpost} (${formatDay(built)}), Node ${node}, OpenSSL ${openssl}`}</bdi>
      </p>
      <p class="hint">
        <bdi>{packages.join(', ')}</bdi>
      </p>
    </section>
  )
}
