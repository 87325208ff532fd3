import { expect, it } from 'vitest';
import { createFollowerPlaces } from './follower-places.ts';

const tooMany = expect.objectContaining({ code: 'too-many-subscriptions' });

it('refuses one owner more than a share, whole, and takes others', () => {
  const places = createFollowerPlaces({ max: 10, maxPerOwner: 4 });
  places.take('ann', 3);
  expect(() => places.take('ann', 2)).toThrow(tooMany);
  places.take('ann', 1);
  places.take('bob', 4);
  places.release('ann');
  places.take('ann', 1);
});

it('refuses everybody when there are too many, and has room again', () => {
  const places = createFollowerPlaces({ max: 2, maxPerOwner: 2 });
  places.take('ann', 2);
  expect(() => places.take('bob', 1)).toThrow(tooMany);
  places.release('ann');
  places.take('bob', 1);
});
