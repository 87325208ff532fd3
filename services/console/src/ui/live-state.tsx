/** Says whether what is shown changes by itself, and how. */
import { Icon } from './icon.tsx';

export interface LiveStateProps {
  state: 'live' | 'connecting' | 'away';
  /** How often the page asks while events do not come. */
  everySeconds: number;
}

const words = ({ state, everySeconds }: LiveStateProps): string => {
  if (state === 'live') return 'Live';
  return state === 'connecting' ? 'Connecting…' : `No live connection: asking every ${everySeconds} s`;
};

export const LiveState = (props: LiveStateProps) => (
  <p class={`live live-${props.state}`} role="status">
    <Icon name={props.state === 'away' ? 'away' : 'live'} /> {words(props)}
  </p>
);
