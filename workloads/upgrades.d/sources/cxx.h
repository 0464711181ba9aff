/* libtcxx: classes, exceptions, a unique variable, lazily bound C++ */
int cxx_version(), cxx_check();
struct shape {
	virtual ~shape();
	virtual int area() const;
};
struct square : shape {
	int side;
	explicit square(int n) : side(n) {}
	int area() const override;
};
shape *cxx_make(int);
void cxx_throw(int);
template <typename T> struct only {
	static inline T value = 1;
};
int *cxx_only();
