/** What has to be refused, and how. */
import { check } from 'k6';
import { type ApiClient, memberOf } from './api-client.ts';

const nobodysId = '00000000-0000-4000-8000-000000000000';

export const checkRefusals = ({ ask }: ApiClient): void => {
  check(ask({ path: '/factorial?no=1', name: '/factorial', headers: { authorization: '' } }), {
    'without a token: 401': ({ status }) => status === 401,
  });
  check(ask({ path: '/factorial?no=-1', name: '/factorial' }), {
    'a number below 0: 422': (answer) =>
      answer.status === 422 && memberOf(answer, 'code') === 'invalid-input',
  });
  check(ask({ path: `/factorial/result?id=${nobodysId}`, name: '/factorial/result' }), {
    'an unknown id: 404': ({ status }) => status === 404,
  });
};
