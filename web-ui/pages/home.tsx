import type { HomeView } from '../../src/core/home.ts'
import { Answered } from '../parts/answered.tsx'
import { useAnswer } from '../parts/use-answer.ts'
import { Figures } from './home/figures.tsx'
import { HomeDevices } from './home/home-devices.tsx'
import { Problems } from './home/problems.tsx'
import { WaysOut } from './home/ways-out.tsx'

/** One look: what is wrong first, then how much there is of what. */
export function Home() {
  const known = useAnswer<HomeView>('/home', ['home'])
  return (
    <Answered known={known}>
      {(view) => (
        <>
          <Problems view={view} reload={known.reload} />
          <Figures view={view} />
          <HomeDevices devices={view.devices} unknown={view.unknownDevices} />
          <WaysOut upstreams={view.upstreams} />
        </>
      )}
    </Answered>
  )
}
