import type { ConsolePage, HomeCure } from '../../../src/core/home.ts'
import { ask } from '../../box.ts'
import { tell, tellTrouble } from '../../parts/notice.tsx'
import { to } from '../../router.ts'
import { t } from '../../words/language.ts'

/** Where the pages stand that a cure leads to. */
const places: Readonly<Record<ConsolePage, (name: string) => string>> = {
  devices: () => to('devices'),
  device: (name) => to('devices', name),
  sightings: () => `${to('devices')}?tab=unknown`,
  queue: () => to('queue'),
  upstreams: () => to('upstreams'),
  upstream: (name) => to('upstreams', name),
  certificates: () => to('certificates'),
  health: () => to('health'),
  settings: () => to('settings'),
  diagnosis: () => to('diagnosis'),
}

/** What helps, as one tap where a tap does it. */
export function Cure({ cure, reload }: { readonly cure: HomeCure; readonly reload: () => void }) {
  switch (cure.kind) {
    case 'page':
      return <Way href={places[cure.page](cure.name ?? '')} />
    case 'enable-device':
      return <Way href={to('devices', cure.device)} />
    case 'set-clock':
      return <Way href={to('wizard', 'box')} />
    case 'resume-upstream':
      return <Resume name={cure.upstream} reload={reload} />
    case 'at-the-box':
      return <p>{t('home.at-the-box')}</p>
    case 'nothing':
      return <p>{t('home.by-itself')}</p>
  }
}

const Way = ({ href }: { readonly href: string }) => (
  <a class="button" href={href}>
    {t('home.open')}
  </a>
)

function Resume({ name, reload }: { readonly name: string; readonly reload: () => void }) {
  const resume = async () => {
    const answer = await ask('POST', `/upstreams/${encodeURIComponent(name)}/resume`)
    if (answer.kind === 'failed') return tellTrouble(answer.sentence)
    tell(t('home.resumed', { name }))
    reload()
  }
  return (
    <button type="button" class="main" onClick={resume}>
      {t('home.resume')}
    </button>
  )
}
