import type { StatusView } from '../../../src/core/operations.ts'
import { ask } from '../../box.ts'
import { boxOffsetMs, tick } from '../../clock.ts'
import { Action } from '../../parts/action.tsx'
import { Copy } from '../../parts/copy.tsx'
import { tell } from '../../parts/notice.tsx'
import { StateWord } from '../../parts/state-word.tsx'
import { to } from '../../router.ts'
import { formatSpan, formatTime } from '../../words/formats.ts'
import { t } from '../../words/language.ts'

/** Less is the network between, and what a person sets by hand. */
const toleratedMs = 60_000

/** The box's clock against this phone's, and what to do. */
export function ClockFound({
  clock,
  maySet,
  reload,
}: {
  readonly clock: StatusView['clock']
  /** This machine does it when it is asked, and no time server says otherwise. */
  readonly maySet: boolean
  readonly reload: () => void
}) {
  // Read, so that the command has the time of now.
  tick.value
  const offset = boxOffsetMs.value
  const phone = Date.now()
  const box = phone + offset
  const isRight = clock.believable && Math.abs(offset) < toleratedMs
  return (
    <section class="card">
      <h2>{t('wizard.clock')}</h2>
      <p>
        <StateWord mood={isRight ? 'good' : 'bad'}>
          {sentenceOf(clock.believable, isRight, box, phone)}
        </StateWord>
      </p>
      {!isRight && (
        <>
          {clock.believable && <p>{t('wizard.clock-phone')}</p>}
          {maySet ? <ClockSetting onDone={reload} /> : <ClockCure phone={phone} />}
          <button type="button" onClick={reload}>
            {t('do.retry')}
          </button>
        </>
      )}
    </section>
  )
}

const ClockSetting = ({ onDone }: { readonly onDone: () => void }) => (
  <p>
    <Action
      label={t('wizard.clock-set')}
      look="main"
      run={() => ask('PUT', '/clock', { body: { wallMs: Date.now() } })}
      onDone={() => {
        tell(t('wizard.clock-done'))
        onDone()
      }}
    />
  </p>
)

/** What helps, first what needs nothing but a word with whoever runs the network. */
const ClockCure = ({ phone }: { readonly phone: number }) => (
  <>
    <p>{t('wizard.clock-cure')}</p>
    <a class="line" href={to('reports', 'firewall')}>
      {t('wizard.clock-firewall')}
    </a>
    <details>
      <summary>{t('wizard.clock-by-hand')}</summary>
      <Command text={commandOf(phone)} />
    </details>
  </>
)

function sentenceOf(isBelievable: boolean, isRight: boolean, box: number, phone: number): string {
  const times = { box: formatTime(box), phone: formatTime(phone), span: formatSpan(Math.abs(box - phone)) }
  if (!isBelievable) return t('wizard.clock-unbelievable', times)
  return isRight ? t('wizard.clock-right') : t('wizard.clock-off', times)
}

/** The gateway may not set the machine's clock: who is root may. */
const commandOf = (phone: number): string =>
  `sudo date -u -s '${new Date(phone).toISOString().slice(0, 19).replace('T', ' ')}'`

const Command = ({ text }: { readonly text: string }) => (
  <div class="command">
    <code dir="ltr">{text}</code>
    <Copy text={text} />
  </div>
)
