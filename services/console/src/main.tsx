/** Starts the console in its page. */
import { render } from 'preact';
import { App } from './app.tsx';
import './styles/tokens.css';
import './styles/base.css';
import './styles/shell.css';
import './styles/parts.css';
import './styles/jobs.css';
import './styles/job.css';
import './styles/queue.css';

const element = document.querySelector('#console');
if (element) render(<App />, element);
