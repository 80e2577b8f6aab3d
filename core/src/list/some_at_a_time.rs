//! Many futures, some of them under way at a time.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::Poll;

/// What the futures come to, in their order, without what comes to nothing; at most `most` of them are under way.
///
/// Each of those is asked again whenever one is woken. For a handful that is nothing, and for a package that is
/// downloaded it is a twentieth of a stream that asks only the one.
pub(super) async fn some_at_a_time<T, F: Future<Output = Option<T>>>(
    waiting: impl Iterator<Item = F>,
    most: usize,
) -> Vec<T> {
    let (mut waiting, mut results) = (waiting.fuse(), Vec::new());
    let mut running: Vec<(usize, Pin<Box<F>>)> = Vec::new();
    poll_fn(|context| {
        loop {
            while running.len() < most
                && let Some(future) = waiting.next()
            {
                running.push((results.len(), Box::pin(future)));
                results.push(None);
            }
            let before = running.len();
            running.retain_mut(|(number, future)| match future.as_mut().poll(context) {
                Poll::Ready(result) => {
                    results[*number] = result;
                    false
                }
                Poll::Pending => true,
            });
            match running.len() {
                0 if before == 0 => return Poll::Ready(()),
                left if left == before => return Poll::Pending,
                _ => {}
            }
        }
    })
    .await;
    results.into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use std::cell::{Cell, RefCell};

    use futures_channel::oneshot;
    use futures_executor::block_on;
    use futures_util::future::join;

    use super::*;

    #[test]
    fn what_comes_of_them_keeps_its_order_and_no_more_than_the_most_are_under_way() {
        let (senders, receivers): (Vec<_>, Vec<_>) = (0..7).map(|_| oneshot::channel::<usize>()).unzip();
        let (running, most) = (Cell::new(0usize), Cell::new(0usize));
        let futures = receivers.into_iter().map(async |receiver| {
            running.set(running.get() + 1);
            most.set(most.get().max(running.get()));
            let result = receiver.await.unwrap();
            running.set(running.get() - 1);
            (result != 30).then_some(result)
        });
        // The last that is under way is the first to be done.
        let senders = RefCell::new(senders.into_iter().enumerate().collect::<Vec<_>>());
        let send = async {
            for at in [2, 1, 3, 0, 6, 5, 4] {
                let mut senders = senders.borrow_mut();
                let place = senders.iter().position(|(number, _)| *number == at).unwrap();
                let (number, sender) = senders.remove(place);
                sender.send(10 * number).unwrap();
            }
        };
        let (results, ()) = block_on(join(some_at_a_time(futures, 3), send));
        assert_eq!(results, [0, 10, 20, 40, 50, 60]);
        assert_eq!(most.get(), 3);
        assert!(block_on(some_at_a_time(std::iter::empty::<std::future::Ready<Option<()>>>(), 3)).is_empty());
    }
}
