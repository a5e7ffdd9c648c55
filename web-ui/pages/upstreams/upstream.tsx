import type { StatusView } from '../../../src/core/operations.ts'
import type { UpstreamSheet } from '../../../src/core/setup-operations.ts'
import { ask } from '../../box.ts'
import { Answered } from '../../parts/answered.tsx'
import { Confirm } from '../../parts/confirm.tsx'
import { isManagedRow, ManagedNote, useManaged } from '../../parts/managed.tsx'
import { tell } from '../../parts/notice.tsx'
import { PageHead } from '../../parts/page-head.tsx'
import { useAnswer } from '../../parts/use-answer.ts'
import { isAtLeast } from '../../role.ts'
import { go } from '../../router.ts'
import { t } from '../../words/language.ts'
import { QuotaBars } from '../quotas.tsx'
import { SettingRows } from '../settings/setting-rows.tsx'
import { TestMail } from '../test-mail.tsx'
import { AzureScript } from './azure-script.tsx'
import { CertificateCare } from './certificate-care.tsx'
import { Credential } from './credential.tsx'
import { RehearsalPart } from './rehearsal-part.tsx'
import { Standing } from './standing.tsx'
import { upstreamSettings } from './upstream-settings.ts'
import { editUpstream, placeOf, viewOf, type WayOut } from './way-out.ts'

/** One way out: how it is, what it may do, and everything that is set on it. */
export function Upstream({ name }: { readonly name: string }) {
  const status = useAnswer<StatusView>('/status', ['upstreams', 'queue', 'setup'])
  const sheet = useAnswer<{ readonly sheet: UpstreamSheet }>(placeOf(name), ['upstreams', 'setup'])
  const reload = () => {
    status.reload()
    sheet.reload()
  }
  return (
    <>
      <PageHead title={<bdi>{name}</bdi>} from={{ place: ['upstreams'], name: t('more.upstreams') }} />
      <Answered known={status}>
        {(value) => {
          const view = viewOf(value, name)
          if (view === undefined) return <p>{t('upstreams.none-such')}</p>
          return (
            <>
              <Standing view={view} onChanged={reload} />
              <Answered known={sheet}>
                {(known) => <Sheet wayOut={{ view, sheet: known.sheet, reload }} />}
              </Answered>
            </>
          )
        }}
      </Answered>
    </>
  )
}

function Sheet({ wayOut }: { readonly wayOut: WayOut }) {
  const { view, sheet, reload } = wayOut
  const { name, kind } = view
  const managed = useManaged()
  const isManaged = isManagedRow(managed, 'upstream', name)
  const mayChange = isAtLeast('administrator') && !isManaged
  return (
    <>
      <h2>{t('upstreams.quota')}</h2>
      <QuotaBars quota={sheet.quota} forecast={sheet.forecast} />
      {kind !== 'outbox' && isAtLeast('technician') && (
        <section class="card">
          <h2>{t('wizard.test')}</h2>
          <TestMail waysOut={[name]} />
        </section>
      )}
      <RehearsalPart name={name} />
      <h2>{t('upstreams.settings')}</h2>
      {managed && isManaged && <ManagedNote managed={managed} />}
      <SettingRows
        settings={upstreamSettings(kind)}
        values={{ enabled: true, ...sheet.settings }}
        edit={mayChange ? (change) => editUpstream(name, change) : undefined}
        onChanged={reload}
      />
      {kind !== 'outbox' && <Credential wayOut={wayOut} mayChange={mayChange} />}
      {kind !== 'outbox' && <CertificateCare wayOut={wayOut} mayChange={mayChange} />}
      {mayChange && (
        <>
          <AzureScript name={name} />
          <Remove name={name} />
        </>
      )}
    </>
  )
}

function Remove({ name }: { readonly name: string }) {
  const leave = () => {
    tell(t('upstreams.removed', { name }))
    go('upstreams')
  }
  return (
    <p class="buttons">
      <Confirm
        label={t('upstreams.remove')}
        question={t('upstreams.remove-question', { name })}
        run={() => ask('DELETE', placeOf(name))}
        onDone={leave}
      >
        <p>{t('upstreams.remove-line')}</p>
      </Confirm>
    </p>
  )
}
