import type { StatusView } from '../../src/core/operations.ts'
import { ask, me, refreshStanding } from '../box.ts'
import { Icon } from '../parts/icon.tsx'
import { LanguageChoice } from '../parts/language-choice.tsx'
import { useAnswer } from '../parts/use-answer.ts'
import { isAtLeast } from '../role.ts'
import { t } from '../words/language.ts'
import { MoreRow } from './more/more-row.tsx'
import { AlertsLine, CalendarLine, HealthLine, QuotasLine, UpstreamsLine } from './more/state-lines.tsx'

/** What is needed seldom, each with one line that says how it is. */
export function More() {
  const { value } = useAnswer<StatusView>('/status', ['upstreams', 'alerts'])
  return (
    <>
      <h1>{t('nav.more')}</h1>
      <Group title={t('more.mail')}>
        <MoreRow
          place="upstreams"
          name={t('more.upstreams')}
          icon="cloud"
          line={<UpstreamsLine value={value} />}
        />
        <MoreRow place="quotas" name={t('more.quotas')} icon="gauge" line={<QuotasLine value={value} />} />
      </Group>
      <Group title={t('more.box')}>
        <MoreRow place="health" name={t('more.health')} icon="activity" line={<HealthLine />} />
        <MoreRow
          place="alerts"
          name={t('more.alerts')}
          icon="triangle-alert"
          line={<AlertsLine value={value} />}
        />
        {isAtLeast('technician') && (
          <MoreRow
            place="diagnosis"
            name={t('more.diagnosis')}
            icon="stethoscope"
            line={t('more.diagnosis-line')}
          />
        )}
        <MoreRow place="calendar" name={t('more.calendar')} icon="calendar" line={<CalendarLine />} />
        <MoreRow
          place="certificates"
          name={t('more.certificates')}
          icon="shield"
          line={t('more.certificates-line')}
        />
        <MoreRow place="update" name={t('more.update')} icon="download" line={t('more.update-line')} />
        <MoreRow place="fleet" name={t('more.fleet')} icon="hard-drive" line={t('more.fleet-line')} />
        <ForAdministrators />
      </Group>
      <Group title={t('more.people')}>
        <MoreRow place="account" name={t('more.account')} icon="user" line={<WhoIAm />} />
        {isAtLeast('administrator') && (
          <>
            <MoreRow place="operators" name={t('more.operators')} icon="user" />
            <MoreRow place="audit" name={t('more.audit')} icon="search" line={t('more.audit-line')} />
          </>
        )}
      </Group>
      <Group title={t('more.papers')}>
        <MoreRow place="reports" name={t('more.reports')} icon="file-text" line={t('more.reports-line')} />
      </Group>
      <LanguageChoice />
      <SignOut />
    </>
  )
}

function ForAdministrators() {
  if (!isAtLeast('administrator')) return null
  return (
    <>
      <MoreRow place="network" name={t('more.network')} icon="network" line={t('more.network-line')} />
      <MoreRow place="settings" name={t('more.settings')} icon="settings" line={t('more.settings-line')} />
      <MoreRow place="setup" name={t('more.setup')} icon="file-text" line={t('more.setup-line')} />
    </>
  )
}

function Group({ title, children }: { readonly title: string; readonly children: preact.ComponentChildren }) {
  return (
    <section>
      <h2>{title}</h2>
      <ul class="rows">{children}</ul>
    </section>
  )
}

function WhoIAm() {
  const person = me()
  if (person === undefined) return null
  return <>{t('more.account-line', { name: person.name, role: t(`role.${person.role}`) })}</>
}

function SignOut() {
  const signOut = async () => {
    await ask('DELETE', '/session')
    await refreshStanding()
  }
  return (
    <button type="button" onClick={signOut}>
      <Icon name="log-out" />
      {t('sign-in.out')}
    </button>
  )
}
