import { useState } from 'preact/hooks'
import { ask, get } from '../../box.ts'
import { Action } from '../../parts/action.tsx'
import { Dialog } from '../../parts/dialog.tsx'
import { tell } from '../../parts/notice.tsx'
import { Paper } from '../../parts/paper.tsx'
import { isAtLeast } from '../../role.ts'
import { t } from '../../words/language.ts'
import { credentialOf } from './credential-fields.ts'
import { placeOf, type WayOut } from './way-out.ts'

interface Pem {
  readonly pem: string
  readonly steps?: readonly string[]
}

/** A text of certificates, and what to do with it. */
interface Shown {
  readonly title: string
  readonly file: string
  readonly pem: string
  readonly steps: readonly string[]
}

interface CertificateCareProps {
  readonly wayOut: WayOut
  /** A secret into a certificate: what is renewed is the box's own and no setting. */
  readonly mayChange: boolean
}

/** The certificate by which the service knows this box: show, renew, have it signed, put it in the place of a secret. */
export function CertificateCare({ wayOut: { view, sheet, reload }, mayChange }: CertificateCareProps) {
  const [shown, setShown] = useState<Shown | undefined>(undefined)
  const kind = credentialOf(sheet.settings)['kind']
  const path = `${placeOf(view.name)}/certificate`
  const show =
    (title: string, file: string) =>
    ({ pem, steps = [] }: Pem) =>
      setShown({ title, file, pem, steps })
  if (kind !== 'client-certificate' && kind !== 'client-secret') return null
  return (
    <section>
      <h2>{t('upstreams.certificate')}</h2>
      <p>{t('upstreams.certificate-line')}</p>
      <div class="buttons">
        {kind === 'client-certificate' && (
          <Action
            label={t('upstreams.certificate-show')}
            run={() => get<Pem>(path)}
            onDone={show(t('upstreams.certificate'), `${view.name}.pem`)}
          />
        )}
        {isAtLeast('administrator') && kind === 'client-certificate' && (
          <>
            <Action
              label={t('upstreams.certificate-renew')}
              icon="refresh"
              run={() => ask<Pem>('POST', `${path}/renew`)}
              onDone={(made) => {
                tell(t('upstreams.certificate-renewed'))
                show(t('upstreams.certificate-renew'), `${view.name}-next.pem`)(made)
                reload()
              }}
            />
            <Action
              label={t('upstreams.certificate-request')}
              run={() => get<Pem>(`${placeOf(view.name)}/certificate-request`)}
              onDone={show(t('upstreams.certificate-request'), `${view.name}.csr`)}
            />
          </>
        )}
        {mayChange && kind === 'client-secret' && (
          <Action
            label={t('upstreams.replace-secret')}
            run={() => ask<Pem>('POST', `${path}/replace-secret`)}
            onDone={(made) => {
              show(t('upstreams.replace-secret'), `${view.name}.pem`)(made)
              reload()
            }}
          />
        )}
        {isAtLeast('administrator') && (
          <Action
            label={t('upstreams.certificate-cancel')}
            run={() => ask('DELETE', `${path}/next`)}
            onDone={() => {
              tell(t('upstreams.certificate-cancelled'))
              reload()
            }}
          />
        )}
      </div>
      {shown && <PemDialog shown={shown} onClose={() => setShown(undefined)} />}
    </section>
  )
}

function PemDialog({ shown, onClose }: { readonly shown: Shown; readonly onClose: () => void }) {
  const { title, file, pem, steps } = shown
  return (
    <Dialog title={title} onClose={onClose}>
      {steps.length > 0 && (
        <>
          <p>{t('upstreams.replace-steps')}</p>
          <ol>
            {steps.map((step) => (
              <li key={step}>
                <bdi>{step}</bdi>
              </li>
            ))}
          </ol>
          <p>{t('upstreams.replace-then')}</p>
        </>
      )}
      <Paper label={title} text={pem} file={file} />
    </Dialog>
  )
}
