/** Chooses the page. */
import { assertNever } from '@factorial/core/errors/assert-never';
import { DeadLettersPage } from './dead-letters/dead-letters-page.tsx';
import { JobPage } from './job/job-page.tsx';
import { JobsPage } from './jobs/jobs-page.tsx';
import { QueuePage } from './queue/queue-page.tsx';
import type { Route } from './routing/route.ts';
import { useRoute } from './routing/use-route.ts';
import { SessionContext, useMay } from './session/session-context.ts';
import { SignInPage } from './session/sign-in.tsx';
import { useSignIn } from './session/use-sign-in.ts';
import { Announcer } from './shell/announcer.tsx';
import { Page } from './shell/page.tsx';
import { Shell } from './shell/shell.tsx';
import { Empty } from './ui/empty.tsx';

const Missing = () => (
  <Page title="No such page">
    <Empty icon="search" title="There is nothing here">
      <p>
        The address may be mistyped. <a href="#/jobs">Go to your jobs.</a>
      </p>
    </Empty>
  </Page>
);

const ForAdmins = () => (
  <Page title="Dead letters">
    <Empty icon="letter" title="For admins">
      <p>
        Your token lacks the scope <code>admin</code>. Sign out, and in again with one that has it.
      </p>
    </Empty>
  </Page>
);

const CurrentPage = ({ route }: { route: Route }) => {
  const isAdmin = useMay('admin');
  switch (route.page) {
    case 'jobs':
      return <JobsPage filter={route.filter} />;
    case 'job':
      return <JobPage key={route.id} id={route.id} />;
    case 'queue':
      return <QueuePage />;
    case 'dead-letters':
      return isAdmin ? <DeadLettersPage /> : <ForAdmins />;
    case 'unknown':
      return <Missing />;
    default:
      return assertNever(route);
  }
};

export const App = () => {
  const route = useRoute();
  const signIn = useSignIn();
  if (signIn.session === undefined) return <SignInPage {...signIn} />;
  return (
    <SessionContext.Provider value={signIn.session}>
      <Announcer>
        <Shell page={route.page} signOut={signIn.signOut}>
          <CurrentPage route={route} />
        </Shell>
      </Announcer>
    </SessionContext.Provider>
  );
};
