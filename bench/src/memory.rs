//! An allocator that counts, so that bytes are measured and not only computed.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

struct Counting;

/// Bytes asked for and not given back.
static LIVE: AtomicUsize = AtomicUsize::new(0);
/// Bytes ever asked for.
static EVER: AtomicUsize = AtomicUsize::new(0);

fn count(bytes: usize) {
    LIVE.fetch_add(bytes, Relaxed);
    EVER.fetch_add(bytes, Relaxed);
}

// SAFETY: every call goes to the system's allocator with the arguments it came with; the counters touch
// no memory that is handed out.
#[expect(unsafe_code, reason = "an allocator cannot be written without")]
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size());
        // SAFETY: the caller keeps the contract of `alloc`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        LIVE.fetch_sub(layout.size(), Relaxed);
        // SAFETY: the caller keeps the contract of `dealloc`.
        unsafe { System.dealloc(at, layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count(layout.size());
        // SAFETY: the caller keeps the contract of `alloc_zeroed`.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, at: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        LIVE.fetch_sub(layout.size(), Relaxed);
        count(size);
        // SAFETY: the caller keeps the contract of `realloc`.
        unsafe { System.realloc(at, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Bytes that are allocated now, as they were asked for: the allocator's own overhead is not in them.
pub(crate) fn live() -> usize {
    LIVE.load(Relaxed)
}

/// Bytes that were ever allocated.
pub(crate) fn ever() -> usize {
    EVER.load(Relaxed)
}
