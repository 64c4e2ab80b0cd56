; A pool of threads for loops: parallel_for(f, context, begin, end, grain) calls f(context, b, e) for pieces
; of at most `grain` until [begin, end) is covered, and returns when all have returned.
;
; A worker that is late is not waited for: it enters a job by counting itself in `active` and then looking
; whether the job is still `open`; the caller closes the job when no piece is left and waits only for those
; that are in. So a job costs the caller nothing that a sleeping, descheduled or, in a forked child, absent
; worker could delay. One job at a time: a call from a second thread, or from within a job, runs alone.
;
; Workers begin with the first job, spin for a while after each, then sleep. PAUSE and YIELD are the host's.

@workers = internal global i32 0, align 64    ; how many there may be, beside the caller
@started = internal global i32 0              ; how many there are; -1 while they are being made
@stopping = internal global i32 0
@busy = internal global i32 0, align 64
@open = internal global i32 0, align 64
@active = internal global i32 0, align 64
@generation = internal global i64 0, align 64 ; one more for each job
@next = internal global i64 0, align 64       ; where the first piece begins that nobody has taken
@function = internal global ptr null, align 64
@context = internal global ptr null
@end = internal global i64 0
@grain = internal global i64 0
@sleepers = internal global i32 0, align 64
@mutex = internal global [16 x i64] zeroinitializer, align 64
@condition = internal global [16 x i64] zeroinitializer, align 64
@threads = internal global [256 x i64] zeroinitializer, align 64

declare i32 @pthread_create(ptr, ptr, ptr, ptr)
declare i32 @pthread_join(i64, ptr)
declare i32 @pthread_mutex_init(ptr, ptr)
declare i32 @pthread_mutex_lock(ptr)
declare i32 @pthread_mutex_unlock(ptr)
declare i32 @pthread_cond_init(ptr, ptr)
declare i32 @pthread_cond_wait(ptr, ptr)
declare i32 @pthread_cond_broadcast(ptr)
declare i32 @sched_yield()

; Take pieces until none is left.
define internal void @work() {
begin:
  %f = load ptr, ptr @function
  %c = load ptr, ptr @context
  %end = load i64, ptr @end
  %grain = load i64, ptr @grain
  br label %take
take:
  %b = atomicrmw add ptr @next, i64 %grain monotonic
  %some = icmp slt i64 %b, %end
  br i1 %some, label %run, label %done
run:
  %left = sub i64 %end, %b
  %last = icmp slt i64 %left, %grain
  %far = add i64 %b, %grain
  %e = select i1 %last, i64 %end, i64 %far
  call void %f(ptr %c, i64 %b, i64 %e)
  br label %take
done:
  ret void
}

define internal ptr @worker(ptr %none) {
begin:
  br label %wait
wait:
  %seen = phi i64 [ 0, %begin ], [ %now, %leave ]
  br label %spin
spin:
  %i = phi i32 [ 0, %wait ], [ %j, %again ]
  %g = load atomic i64, ptr @generation seq_cst, align 8
  %new = icmp ne i64 %g, %seen
  br i1 %new, label %enter, label %pause
pause:
  %j = add i32 %i, 1
  %tired = icmp ugt i32 %j, SPINS
  br i1 %tired, label %sleep, label %rest
rest:
  PAUSE
  %low = and i32 %j, 63
  %polite = icmp eq i32 %low, 0
  br i1 %polite, label %yield, label %again
yield:
  %y = call i32 @sched_yield()
  br label %again
again:
  br label %spin
sleep:
  %l = call i32 @pthread_mutex_lock(ptr @mutex)
  %s = atomicrmw add ptr @sleepers, i32 1 seq_cst
  br label %look
look:
  %h = load atomic i64, ptr @generation seq_cst, align 8
  %same = icmp eq i64 %h, %seen
  br i1 %same, label %doze, label %wake
doze:
  %w = call i32 @pthread_cond_wait(ptr @condition, ptr @mutex)
  br label %look
wake:
  %t = atomicrmw sub ptr @sleepers, i32 1 seq_cst
  %u = call i32 @pthread_mutex_unlock(ptr @mutex)
  br label %enter
enter:
  %now = phi i64 [ %g, %spin ], [ %h, %wake ]
  %stop = load atomic i32, ptr @stopping seq_cst, align 4
  %over = icmp ne i32 %stop, 0
  br i1 %over, label %finish, label %count
count:
  %a = atomicrmw add ptr @active, i32 1 seq_cst
  %o = load atomic i32, ptr @open seq_cst, align 4
  %is = icmp ne i32 %o, 0
  br i1 %is, label %in, label %leave
in:
  call void @work()
  br label %leave
leave:
  %d = atomicrmw sub ptr @active, i32 1 seq_cst
  br label %wait
finish:
  ret ptr null
}

; Announce a new generation, and wake who sleeps.
define internal void @announce() {
begin:
  %g = atomicrmw add ptr @generation, i64 1 seq_cst
  %s = load atomic i32, ptr @sleepers seq_cst, align 4
  %some = icmp ne i32 %s, 0
  br i1 %some, label %wake, label %done
wake:
  %l = call i32 @pthread_mutex_lock(ptr @mutex)
  %b = call i32 @pthread_cond_broadcast(ptr @condition)
  %u = call i32 @pthread_mutex_unlock(ptr @mutex)
  br label %done
done:
  ret void
}

; Make the workers; only the holder of `busy` comes here.
define internal void @start(i32 %wanted) {
begin:
  %m = call i32 @pthread_mutex_init(ptr @mutex, ptr null)
  %c = call i32 @pthread_cond_init(ptr @condition, ptr null)
  br label %make
make:
  %i = phi i32 [ 0, %begin ], [ %next, %made ]
  %more = icmp slt i32 %i, %wanted
  br i1 %more, label %one, label %done
one:
  %place = getelementptr i64, ptr @threads, i32 %i
  %failed = call i32 @pthread_create(ptr %place, ptr null, ptr @worker, ptr null)
  %bad = icmp ne i32 %failed, 0
  br i1 %bad, label %done, label %made
made:
  %next = add i32 %i, 1
  br label %make
done:
  store i32 %i, ptr @started
  %none = icmp eq i32 %i, 0
  br i1 %none, label %alone, label %out
alone:
  store i32 0, ptr @workers
  br label %out
out:
  ret void
}

define void @parallel_for(ptr %f, ptr %c, i64 %begin, i64 %end, i64 %grain) {
first:
  %size = sub i64 %end, %begin
  %small = icmp sle i64 %size, %grain
  br i1 %small, label %alone, label %many
many:
  %wanted = load i32, ptr @workers
  %any = icmp sgt i32 %wanted, 0
  br i1 %any, label %claim, label %alone
claim:
  %pair = cmpxchg ptr @busy, i32 0, i32 1 seq_cst seq_cst
  %mine = extractvalue { i32, i1 } %pair, 1
  br i1 %mine, label %check, label %alone
check:
  %there = load i32, ptr @started
  %absent = icmp eq i32 %there, 0
  br i1 %absent, label %make, label %publish
make:
  call void @start(i32 %wanted)
  br label %publish
publish:
  store ptr %f, ptr @function
  store ptr %c, ptr @context
  store i64 %end, ptr @end
  store i64 %grain, ptr @grain
  store atomic i64 %begin, ptr @next seq_cst, align 8
  store atomic i32 1, ptr @open seq_cst, align 4
  call void @announce()
  call void @work()
  store atomic i32 0, ptr @open seq_cst, align 4
  br label %wait
wait:
  %i = phi i32 [ 0, %publish ], [ %j, %rest ], [ %j, %yield ]
  %a = load atomic i32, ptr @active seq_cst, align 4
  %none = icmp eq i32 %a, 0
  br i1 %none, label %done, label %rest
rest:
  PAUSE
  %j = add i32 %i, 1
  %low = and i32 %j, 63
  %polite = icmp eq i32 %low, 0
  br i1 %polite, label %yield, label %wait
yield:
  %y = call i32 @sched_yield()
  br label %wait
done:
  store atomic i32 0, ptr @busy seq_cst, align 4
  ret void
alone:
  %some = icmp sgt i64 %size, 0
  br i1 %some, label %whole, label %out
whole:
  call void %f(ptr %c, i64 %begin, i64 %end)
  br label %out
out:
  ret void
}

; Let jobs use `count` workers beside the caller, from the first one on.
define void @configure(i32 %count) {
  store i32 %count, ptr @workers
  ret void
}

; End the workers: at the end of the process. Jobs run alone from here on.
define void @stop() {
begin:
  store i32 0, ptr @workers
  store atomic i32 1, ptr @stopping seq_cst, align 4
  %count = load i32, ptr @started
  %none = icmp eq i32 %count, 0
  br i1 %none, label %done, label %tell
tell:
  call void @announce()
  br label %join
join:
  %i = phi i32 [ 0, %tell ], [ %next, %join ]
  %place = getelementptr i64, ptr @threads, i32 %i
  %thread = load i64, ptr %place
  %r = call i32 @pthread_join(i64 %thread, ptr null)
  %next = add i32 %i, 1
  %more = icmp slt i32 %next, %count
  br i1 %more, label %join, label %done
done:
  store i32 0, ptr @started
  store atomic i32 0, ptr @stopping seq_cst, align 4
  ret void
}

; Forget the workers: in a forked child there are none, whatever they were doing in the parent.
define void @forget() {
  store i32 0, ptr @started
  store i32 0, ptr @sleepers
  store i32 0, ptr @active
  store i32 0, ptr @open
  store i32 0, ptr @busy
  ret void
}
