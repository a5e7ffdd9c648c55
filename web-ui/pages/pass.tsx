import { standing } from '../box.ts'
import { Door } from '../parts/door.tsx'
import { Form } from '../parts/form.tsx'
import { go, place } from '../router.ts'
import { t } from '../words/language.ts'
import { useEntrance } from './sign-in/entrance.ts'

/**
 * A day pass, `#/pass/TOKEN`: works once, so it is used by a tap and not by whatever looks at links before a person does.
 */
export function Pass() {
  const [, token = ''] = place.value.parts
  const entrance = useEntrance(() => go('home'))
  const title = t('pass.title', { box: standing.value?.about.name ?? '' })
  return (
    <Door title={title}>
      <p>{t('pass.explain')}</p>
      <Form
        label={title}
        submit={t('pass.go')}
        isBusy={entrance.isBusy}
        trouble={entrance.trouble}
        onSubmit={() => entrance.ask('/session/pass', { token })}
      >
        {null}
      </Form>
    </Door>
  )
}
