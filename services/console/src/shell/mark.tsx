import markUrl from './mark.svg';

export const Mark = () => <img class="mark" src={markUrl} width="32" height="32" alt="" />;
