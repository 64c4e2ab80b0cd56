; The driver: runs a program that is data, so that only its loops and products need compiling.
;
;   int run(list, table, step, end, check)
;   int repeat(list, table, step, end, count, advance)
;
; list    the frame: a Python list of the arrays (or numbers) in their slots
; table   i64: slots, inputs, NumPy's array class, set_threads, get_threads, parallel_for, status slot,
;         0, then for each slot the two classes whose objects may hold a number in its place (or 0)
; step    i64: function, pointers, length, piece, then (slot, bytes) for each pointer; up to `end`
; check   whether the inputs are to be looked at: 1 is returned where one is no plain array in C order
;
; count   how often the program runs, one after the other; after each run, what slot i holds begins
; advance i64: advance[i] bytes further on
;
; A function is void (ptr *pointers, i64 begin, i64 end). 2 is returned where one found an index out of
; bounds and noted it in the status slot. Offsets into objects: see layout.py.

define i32 @run(ptr %list, ptr %table, ptr %first, ptr %end, i32 %check) {
  %count = load i64, ptr %table
  %bases = alloca ptr, i64 %count
  %bad = call i1 @begin(ptr %list, ptr %table, ptr %bases, i32 %check)
  br i1 %bad, label %refuse, label %ready
refuse:
  ret i32 1
ready:
  %kept = call i32 @limit(ptr %table)
  call void @steps(ptr %table, ptr %first, ptr %end, ptr %bases)
  call void @release(ptr %table, i32 %kept)
  %result = call i32 @result(ptr %table, ptr %bases)
  ret i32 %result
}

define i32 @repeat(ptr %list, ptr %table, ptr %first, ptr %end, i64 %times, ptr %advance) {
entry:
  %count = load i64, ptr %table
  %bases = alloca ptr, i64 %count
  %bad = call i1 @begin(ptr %list, ptr %table, ptr %bases, i32 0)
  %kept = call i32 @limit(ptr %table)
  br label %loop
loop:
  %t = phi i64 [ 0, %entry ], [ %t.next, %advanced ]
  %more = icmp slt i64 %t, %times
  br i1 %more, label %once, label %done
once:
  call void @steps(ptr %table, ptr %first, ptr %end, ptr %bases)
  br label %slot
slot:
  %i = phi i64 [ 0, %once ], [ %i.next, %slot ]
  %bytes.at = getelementptr i64, ptr %advance, i64 %i
  %bytes = load i64, ptr %bytes.at
  %base.at = getelementptr ptr, ptr %bases, i64 %i
  %base = load ptr, ptr %base.at
  %moved = getelementptr i8, ptr %base, i64 %bytes
  store ptr %moved, ptr %base.at
  %i.next = add i64 %i, 1
  %i.more = icmp slt i64 %i.next, %count
  br i1 %i.more, label %slot, label %advanced
advanced:
  %t.next = add i64 %t, 1
  br label %loop
done:
  call void @release(ptr %table, i32 %kept)
  %result = call i32 @result(ptr %table, ptr %bases)
  ret i32 %result
}

; Where each slot's entries begin; true where an input cannot be used as it lies.
define internal i1 @begin(ptr %list, ptr %table, ptr %bases, i32 %check) {
entry:
  %items.at = getelementptr i8, ptr %list, i64 LIST_ITEMS
  %items = load ptr, ptr %items.at
  %count = load i64, ptr %table
  %inputs.at = getelementptr i64, ptr %table, i64 1
  %inputs = load i64, ptr %inputs.at
  %array.at = getelementptr i64, ptr %table, i64 2
  %array = load ptr, ptr %array.at
  %classes = getelementptr i64, ptr %table, i64 8
  %checking = icmp ne i32 %check, 0
  br label %slots
slots:
  %i = phi i64 [ 0, %entry ], [ %i.next, %slot.done ]
  %more = icmp slt i64 %i, %count
  br i1 %more, label %slot, label %ready
slot:
  %item.at = getelementptr ptr, ptr %items, i64 %i
  %item = load ptr, ptr %item.at
  %class.at = getelementptr i8, ptr %item, i64 OBJECT_TYPE
  %class = load ptr, ptr %class.at
  %inside = getelementptr i8, ptr %item, i64 ARRAY_DATA
  %is.array = icmp eq ptr %class, %array
  br i1 %is.array, label %of.array, label %of.number
of.array:
  %data = load ptr, ptr %inside
  %flags.at = getelementptr i8, ptr %item, i64 ARRAY_FLAGS
  %flags = load i32, ptr %flags.at
  %usable = and i32 %flags, USABLE
  %regular = icmp eq i32 %usable, USABLE
  br label %slot.known
of.number:
  %pair = shl i64 %i, 1
  %one.at = getelementptr ptr, ptr %classes, i64 %pair
  %one = load ptr, ptr %one.at
  %two.at = getelementptr ptr, ptr %one.at, i64 1
  %two = load ptr, ptr %two.at
  %is.one = icmp eq ptr %class, %one
  %is.two = icmp eq ptr %class, %two
  %is.number = or i1 %is.one, %is.two
  br label %slot.known
slot.known:
  %base = phi ptr [ %data, %of.array ], [ %inside, %of.number ]
  %fine = phi i1 [ %regular, %of.array ], [ %is.number, %of.number ]
  %base.at = getelementptr ptr, ptr %bases, i64 %i
  store ptr %base, ptr %base.at
  %is.input = icmp slt i64 %i, %inputs
  %asked = and i1 %is.input, %checking
  %unfine = xor i1 %fine, true
  %bad = and i1 %asked, %unfine
  br i1 %bad, label %refuse, label %slot.done
slot.done:
  %i.next = add i64 %i, 1
  br label %slots
refuse:
  ret i1 true

ready:
  ret i1 false
}

; BLAS runs on the threads that we give it: the number that it had.
define internal i32 @limit(ptr %table) {
  %set.at = getelementptr i64, ptr %table, i64 3
  %set = load ptr, ptr %set.at
  %get.at = getelementptr i64, ptr %table, i64 4
  %get = load ptr, ptr %get.at
  %own = icmp ne ptr %set, null
  br i1 %own, label %limit, label %none
limit:
  %threads = call i32 %get()
  call void %set(i32 1)
  ret i32 %threads
none:
  ret i32 0
}

define internal void @release(ptr %table, i32 %kept) {
  %set.at = getelementptr i64, ptr %table, i64 3
  %set = load ptr, ptr %set.at
  %own = icmp ne ptr %set, null
  br i1 %own, label %release, label %none
release:
  call void %set(i32 %kept)
  ret void
none:
  ret void
}

; 2 where the status slot says that an index was out of bounds.
define internal i32 @result(ptr %table, ptr %bases) {
  %status.at = getelementptr i64, ptr %table, i64 6
  %status.slot = load i64, ptr %status.at
  %status.base.at = getelementptr ptr, ptr %bases, i64 %status.slot
  %status.base = load ptr, ptr %status.base.at
  %status = load i64, ptr %status.base
  %wrong = icmp ne i64 %status, 0
  %result = select i1 %wrong, i32 2, i32 0
  ret i32 %result
}

define internal void @steps(ptr %table, ptr %first, ptr %end, ptr %bases) {
ready:
  %for.at = getelementptr i64, ptr %table, i64 5
  %for = load ptr, ptr %for.at
  %context = alloca [256 x ptr]
  br label %steps
steps:
  %step = phi ptr [ %first, %ready ], [ %step.next, %step.done ]
  %going = icmp ult ptr %step, %end
  br i1 %going, label %step.begin, label %done
step.begin:
  %function = load ptr, ptr %step
  %pointers.at = getelementptr i64, ptr %step, i64 1
  %pointers = load i64, ptr %pointers.at
  %length.at = getelementptr i64, ptr %step, i64 2
  %length = load i64, ptr %length.at
  %piece.at = getelementptr i64, ptr %step, i64 3
  %piece = load i64, ptr %piece.at
  %places = getelementptr i64, ptr %step, i64 4
  br label %pointer
pointer:
  %k = phi i64 [ 0, %step.begin ], [ %k.next, %pointer ]
  %place.index = shl i64 %k, 1
  %slot.at = getelementptr i64, ptr %places, i64 %place.index
  %slot.number = load i64, ptr %slot.at
  %bytes.at = getelementptr i64, ptr %slot.at, i64 1
  %bytes = load i64, ptr %bytes.at
  %from.at = getelementptr ptr, ptr %bases, i64 %slot.number
  %from = load ptr, ptr %from.at
  %moved = getelementptr i8, ptr %from, i64 %bytes
  %into.at = getelementptr ptr, ptr %context, i64 %k
  store ptr %moved, ptr %into.at
  %k.next = add i64 %k, 1
  %k.more = icmp slt i64 %k.next, %pointers
  br i1 %k.more, label %pointer, label %call
call:
  %whole = icmp sge i64 %piece, %length
  br i1 %whole, label %alone, label %shared
alone:
  call void %function(ptr %context, i64 0, i64 %length)
  br label %step.done
shared:
  call void %for(ptr %function, ptr %context, i64 0, i64 %length, i64 %piece)
  br label %step.done
step.done:
  %taken = shl i64 %pointers, 1
  %step.next = getelementptr i64, ptr %places, i64 %taken
  br label %steps

done:
  ret void
}
